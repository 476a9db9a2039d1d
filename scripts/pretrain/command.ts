/** What `npm run pretrain` was asked for: a whole recipe, or a single part by hand. */
import type { RunConfig } from '../../src/config.ts';
import { BROWSER_OPTIONS } from '../browser-choice.ts';
import { fraction, readOptions, UsageError, wholeNumber } from '../options.ts';
import { PAGES, type PlanOptions } from './plan.ts';
import { recipeNamed, type Recipe } from './recipe.ts';
import { TASKS } from './tasks.ts';

export const USAGE = `npm run pretrain -- [options]                 a policy by a whole recipe
  --out DIR             everything that is made (default out/nano): parts below parts/, the policy and its card in policy/;
                        an ended command goes on where it stopped when it is given again
  --recipe NAME         which (default nano, the embedded policy's: scripts/pretrain/recipes/nano.ts)
  --seed S              1 (default) is the recipe's own
  --scale X             a share of its demonstrations, steps and turns a step (default 1); 0.01 tries it on a processor
  --task NAMES          some tasks instead of the whole catalogue, separated by commas
  --episodes-eval N     held-out pages of each task at the end (default ${PAGES}, times the scale)
  --browsers N          browsers that collect at once (default: what cores and memory allow)
  --backend NAME        webgpu, wasm or auto (default): what learns; the GPU if there is one
  --activation-memory N megabytes of activations that a step may hold (default: what suits most devices; the embedded
                        policy was made with 20000)
  --browser PATH        Chromium executable
  --browser-args "…"    flags instead of those for the machine's GPU
  --reuse-build         takes dist/ as it is

npm run pretrain -- --steps N|--collect DIR|--collected DIRS|--from DIRS … [options]     a single part
  --collect DIR         plays demonstrations, learns nothing and keeps them
  --collected DIR,DIR   learns from what was kept instead of collecting
  --from DIR[*X],DIR…   begins with a policy, with the mean of several, or with their sum by shares
  --steps N             (default 1200; 0 leaves it at what it begins with), --batch-size N, --learning-rate X,
  --demonstrations N    of each task (default 500), --target X, --vocabulary N, --seed S, --set JSON (any setting)
  --stop-at X           ends when mean greedy success is that high, --snapshot-every N keeps policies on the way
  --episodes-eval N     held-out pages of each task at the end (default 100)
  --out DIR             the policy and its card (default out/pretrain)
  --backend, --browser, --browser-args, --reuse-build as above, but for the flags, which are those of the software adapter`;

/** Options that a whole recipe alone has. */
const RECIPE_OPTIONS = {
  recipe: 'value',
  scale: 'value',
  task: 'value',
  browsers: 'value',
  'activation-memory': 'value',
} as const;

/** Options that a single part alone has: one of them is enough to ask for it. */
const PART_OPTIONS = {
  steps: 'value',
  demonstrations: 'value',
  'batch-size': 'value',
  'learning-rate': 'value',
  vocabulary: 'value',
  target: 'value',
  'stop-at': 'value',
  'snapshot-every': 'value',
  set: 'value',
  from: 'value',
  collect: 'value',
  collected: 'value',
} as const;

/** What of the options decides the policy, so that its card says them. */
const DECIDING = ['recipe', 'seed', 'scale', 'task', 'episodes-eval', 'backend'];

const BACKENDS = ['auto', 'webgpu', 'wasm'];

/** Names → values of the options, as `readOptions` gives them. */
type Options = Map<string, string>;

export type Command =
  | { kind: 'help' }
  | { kind: 'part'; options: Options }
  | {
      kind: 'recipe';
      recipe: Recipe;
      size: PlanOptions;
      out: string;
      backend: RunConfig['backend'];
      browsers?: number;
      activationMemory?: number;
      /** As the card has it. */
      text: string;
      options: Options;
    };

/** @throws {UsageError} where an option is unknown, wrong, or does not go with another */
export function readCommand(argv: string[]): Command {
  const { options, rest } = readOptions(argv, {
    out: 'value',
    seed: 'value',
    'episodes-eval': 'value',
    backend: 'value',
    ...RECIPE_OPTIONS,
    ...PART_OPTIONS,
    ...BROWSER_OPTIONS,
    'reuse-build': 'flag',
    help: 'flag',
  });
  if (options.has('help')) return { kind: 'help' };
  if (rest.length > 0) throw new UsageError(`Not understood: ${rest.join(' ')}.`);
  const backend = options.get('backend') ?? 'auto';
  if (!BACKENDS.includes(backend))
    throw new UsageError(`--backend takes ${BACKENDS.join(', ')}, not "${backend}".`);
  const given = (known: object) => Object.keys(known).find(name => options.has(name));
  const [ofPart, ofRecipe] = [given(PART_OPTIONS), given(RECIPE_OPTIONS)];
  if (ofPart !== undefined && ofRecipe !== undefined)
    throw new UsageError(
      `--${ofRecipe} is for a whole recipe and --${ofPart} for a single part. Leave one of them out.`,
    );
  if (ofPart !== undefined) return { kind: 'part', options };

  const scale = fraction(options, 'scale') ?? 1;
  const said = DECIDING.filter(name => options.has(name)).map(name => ` --${name} ${options.get(name)}`);
  return {
    kind: 'recipe',
    recipe: recipeNamed(options.get('recipe') ?? 'nano'),
    size: {
      seed: wholeNumber(options, 'seed', 1) ?? 1,
      scale,
      tasks: chosenTasks(options.get('task')),
      pages: wholeNumber(options, 'episodes-eval', 1) ?? Math.max(1, Math.round(PAGES * scale)),
    },
    out: options.get('out') ?? 'out/nano',
    backend: backend as RunConfig['backend'],
    browsers: wholeNumber(options, 'browsers', 1),
    activationMemory: wholeNumber(options, 'activation-memory', 1),
    text: `npm run pretrain${said.length > 0 ? ` --${said.join('')}` : ''}`,
    options,
  };
}

/** In the catalogue's order. */
function chosenTasks(names: string | undefined): string[] {
  if (names === undefined) return TASKS;
  const chosen = names.split(',').map(name => name.trim());
  const unknown = chosen.filter(name => !TASKS.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`--task names ${unknown.join(', ')}, but there is no such task (docs/tasks.md).`);
  return TASKS.filter(name => chosen.includes(name));
}
