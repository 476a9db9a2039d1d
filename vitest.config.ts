/** Unit tests: pure arithmetic in Node, everything that touches a GPU, a frame or IndexedDB in real Chromium. */
import { playwright } from '@vitest/browser-playwright';
import { mergeConfig } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
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

/** Has a run of its own, vitest.tasks.config.ts. */
export const TASK_EPISODES = 'tests/browser/tasks.test.ts';

/** Tests in real Chromium, one file after another. */
export function browserProject(
  name: string,
  include: string[],
  exclude: string[] = [],
): TestProjectConfiguration {
  return {
    extends: true,
    // Met only by a later import: bundling them then would reload the page under a running test.
    optimizeDeps: { include: ['yaml', 'hash-wasm', '@huggingface/hub'] },
    test: {
      name,
      include,
      exclude,
      globalSetup: ['tests/hub/setup.ts', 'tests/openenv/setup.ts', 'tests/outside/setup.ts'],
      testTimeout: 120_000,
      hookTimeout: 120_000,
      // A second, the default, is little on a machine that plays the oracles' episodes beside.
      expect: { poll: { timeout: 30_000 } },
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
  };
}

export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'node', environment: 'node', include: PURE } },
        browserProject(
          'browser',
          ['src/**/*.test.ts', 'tests/browser/**/*.test.ts'],
          [...PURE, TASK_EPISODES],
        ),
      ],
    },
  }),
);
