/** Runs the tests of every kernel in a page, on whatever GPU it has. */
import { gpuBackend, startBackend } from '../../../src/gpu/index.ts';
import * as vitest from 'vitest';

/** Where the built page has `vitest.ts` of this folder under vitest's name. */
const { context, known, Skipped } = vitest as unknown as typeof import('./vitest.ts');

const FILES = import.meta.glob([
  '../../../src/gpu/ops/**/*.test.ts',
  '../../../src/gpu/packed/*.test.ts',
  '../../../src/gpu/patches/*.test.ts',
  '../../../src/gpu/plan/*.test.ts',
]);

export interface CheckedTest {
  file: string;
  name: string;
  /** Why it failed; null when it holds. */
  error: string | null;
  /** Why it was not run on this device; null when it was. */
  skipped: string | null;
  ms: number;
}

/** @param filter  part of a file's path, '' for all. Tests that name wasm are left out: they need no GPU. */
export async function checkKernels(filter: string): Promise<CheckedTest[]> {
  const results: CheckedTest[] = [];
  for (const [path, load] of Object.entries(FILES)) {
    const file = path.replace(/^.*src\/gpu\//, '');
    if (!file.includes(filter)) continue;
    known.length = 0;
    await load();
    for (const { name, body } of [...known].filter(({ name }) => !name.endsWith('(wasm)'))) {
      const start = performance.now();
      let error: string | null = null;
      let skipped: string | null = null;
      try {
        await startBackend('webgpu');
        await body(context);
        await gpuBackend()!.check();
      } catch (thrown) {
        if (thrown instanceof Skipped) skipped = thrown.message;
        else error = thrown instanceof Error ? thrown.message : String(thrown);
        // What the failed test left behind must not fail the next one.
        await gpuBackend()!
          .check()
          .catch(() => undefined);
      }
      results.push({ file, name, error, skipped, ms: performance.now() - start });
      if (error) console.log(`FAILS ${file}: ${name}: ${error.split('\n')[0]}`);
    }
    console.log(`${file}: done`);
  }
  return results;
}
