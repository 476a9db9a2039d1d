/** Builds the bench of the engine into a folder that needs no package to run but playwright-core. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** @returns the folder: the page, and `run.mjs`, which runs it */
export async function buildEngineBench(reuse: boolean): Promise<string> {
  const folder = join(ROOT, 'dist-bench');
  if (reuse && existsSync(join(folder, 'run.mjs'))) return folder;
  const here = join(ROOT, 'scripts/bench/engine');
  await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      copyPublicDir: false,
      rollupOptions: { input: join(here, 'index.html') },
    },
  });
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { playwright: 'playwright-core' } },
    build: {
      ssr: join(here, 'standalone.ts'),
      outDir: folder,
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'run.mjs' } },
    },
  });
  return folder;
}
