/** Unit tests: pure arithmetic in Node, everything that touches a GPU, a frame or IndexedDB in real Chromium. */
import { playwright } from '@vitest/browser-playwright';
import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import { findChromium, SOFTWARE_GPU_ARGS } from './scripts/chromium.ts';
import { tendTesters } from './tests/testers/frames.ts';
import base from './vite.config.ts';

/** Folders whose tests need no browser. */
const PURE = [
  'src/*.test.ts',
  'src/config/**/*.test.ts',
  'src/grpo/**/*.test.ts',
  'src/storage/export/tracking/*.test.ts',
  'scripts/**/*.test.ts',
];

export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'node', environment: 'node', include: PURE } },
        {
          extends: true,
          // Met only by a later import: bundling them then would reload the page under a running test.
          optimizeDeps: { include: ['yaml', 'hash-wasm', '@huggingface/hub'] },
          test: {
            name: 'browser',
            include: ['src/**/*.test.ts', 'tests/browser/**/*.test.ts'],
            exclude: PURE,
            globalSetup: ['tests/hub/setup.ts', 'tests/openenv/setup.ts', 'tests/outside/setup.ts'],
            testTimeout: 120_000,
            hookTimeout: 120_000,
            fileParallelism: false,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              orchestratorScripts: [{ content: `(${tendTesters.toString()})();` }],
              provider: playwright({
                launchOptions: {
                  executablePath: findChromium(),
                  args: SOFTWARE_GPU_ARGS,
                  // Scroll bars take room in a task's page, as in a user's browser.
                  ignoreDefaultArgs: ['--hide-scrollbars'],
                },
              }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
      ],
    },
  }),
);
