/** Builds the benches of engine and kernels into a folder that needs no package to run but playwright-core. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @returns the folder: the pages, and `run.mjs`, which runs them */
export async function buildBenches(reuse: boolean): Promise<string> {
  const folder = join(ROOT, 'dist-bench');
  if (reuse && existsSync(join(folder, 'run.mjs'))) return folder;
  const benches = join(ROOT, 'scripts/bench');
  await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    // The kernels' tests run in a page as they are.
    resolve: { alias: { vitest: join(benches, 'kernels/vitest.ts') } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      copyPublicDir: false,
      // A profile names kernels by their classes.
      minify: false,
      rollupOptions: { input: ['engine', 'kernels'].map(name => join(benches, name, 'index.html')) },
    },
  });
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { playwright: 'playwright-core' } },
    build: {
      ssr: join(benches, 'standalone.ts'),
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'run.mjs' } },
    },
  });
  return folder;
}
