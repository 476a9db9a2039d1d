/** Import boundaries: what each room of src/ may import from the others. docs/architecture.md says why. */
import { dirname, join } from 'node:path';
import { sourceFiles } from './files.ts';

/** Contracts and errors, open to every room. */
const OPEN = ['errors.ts', 'protocol.ts', 'protocol', 'config.ts', 'config'];

/** Room → the rooms, folders or files of src/ that it may import. */
const MAY_IMPORT: Record<string, string[]> = {
  app: ['session', 'storage'],
  session: ['env', 'storage', 'tasks', 'rpc.ts'],
  worker: ['trainer', 'storage/checkpoint', 'rpc.ts', 'gpu', 'models'],
  trainer: [
    'rollout',
    'grpo',
    'models',
    'gpu',
    'storage/checkpoint',
    'storage/weights',
    'storage/tiles.ts',
    'storage/errors.ts',
  ],
  grpo: [],
  protocol: ['frame/protocol.ts'],
  config: ['grpo/rewards'],
  rollout: ['models', 'gpu', 'env/action'],
  models: ['gpu', 'storage/weights'],
  gpu: [],
  env: ['frame/protocol.ts', 'tasks'],
  frame: ['tasks/contract.ts', 'tasks/oracles.ts'],
  tasks: [],
  storage: ['grpo/statistics.ts'],
};

/** Rooms that must not see the page↔worker contract or the configuration: they stand alone. */
const SEALED = new Set(['gpu', 'frame', 'tasks']);

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

/** One line for each import that crosses a boundary it may not cross. Tests may import anything. */
export function boundaryViolations(root: string): string[] {
  const problems: string[] = [];
  for (const { path, text } of sourceFiles(root)) {
    if (path.endsWith('.test.ts') || path.endsWith('.testing.ts')) continue;
    const room = path.split('/')[1];
    if (!path.startsWith(`${root}/${room}/`)) continue;
    const allowed = MAY_IMPORT[room];
    if (!allowed) {
      problems.push(`${path}: room ${room} is not in the table of scripts/check/boundaries.ts`);
      continue;
    }
    for (const [, specifier] of text.matchAll(IMPORT)) {
      const target = join(dirname(path), specifier.replace(/\?.*$/, '')).replaceAll('\\', '/');
      if (!target.startsWith(`${root}/`)) continue;
      const inside = target.slice(root.length + 1);
      if (inside.startsWith(`${room}/`)) continue;
      const open = SEALED.has(room) ? ['errors.ts'] : OPEN;
      if (![...allowed, ...open].some(entry => inside === entry || inside.startsWith(`${entry}/`)))
        problems.push(`${path}: ${room} may not import ${inside}`);
    }
  }
  return problems;
}
