/** The oracles' 12,500 episodes: most of the suite's time and one processor's work, so that they run beside everything else. */
import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import { browserProject, TASK_EPISODES } from './vitest.config.ts';
import base from './vite.config.ts';

export default mergeConfig(
  base,
  defineConfig({
    // Two servers must not prepare the same dependencies in one folder.
    cacheDir: 'node_modules/.vite-tasks',
    test: { projects: [browserProject('tasks', [TASK_EPISODES])] },
  }),
);
