/** What a run is called, and what sets it apart from the one before. */
import type { RunConfig } from '../config.ts';
import { changedFields } from '../config/diff.ts';
import { readField } from '../config/fields.ts';

const ADJECTIVES =
  'amber brave brisk calm clear crisp deft eager fair fleet fond glad keen kind light lucid mellow neat nimble plain quick quiet rapid sharp sly steady sunny swift tidy vivid warm wry';
const ANIMALS =
  'badger beaver bison crane curlew dingo dove egret falcon ferret finch gecko heron ibex jackal kestrel lemur lynx marten mole newt otter owl panda plover quail raven robin seal stoat tapir wren';

/** Two words, such as `keen otter`, that differ from every name in `taken` while some are left. */
export function nameRun(taken: ReadonlySet<string>, random: () => number = Math.random): string {
  const adjectives = ADJECTIVES.split(' ');
  const animals = ANIMALS.split(' ');
  const start = Math.floor(random() * adjectives.length * animals.length);
  for (let i = 0; i < adjectives.length * animals.length; i++) {
    // 37 is prime to the number of names, so every one is visited, and neighbours differ in both words.
    const index = (start + i * 37) % (adjectives.length * animals.length);
    const name = `${adjectives[index % adjectives.length]} ${animals[Math.floor(index / adjectives.length)]}`;
    if (!taken.has(name)) return name;
  }
  return `run ${taken.size + 1}`;
}

/** `learning_rate 0.001 → 0.0005, seed 42 → 7`; '' when nothing differs. */
export function describeDifference(before: RunConfig, after: RunConfig): string {
  return changedFields(before, after)
    .map(path => `${path} ${display(readField(before, path))} → ${display(readField(after, path))}`)
    .join(', ');
}

function display(value: unknown): string {
  if (Array.isArray(value)) return value.join(' + ');
  return value === null ? 'none' : String(value);
}
