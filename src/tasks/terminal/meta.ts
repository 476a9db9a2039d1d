/** terminal: delete a file by commands. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'terminal',
  title: 'Terminal Task',
  summary: 'Delete a file with the named extension: ls lists the files, rm removes one.',
  category: 'original',
  needs: ['type', 'several-steps'],
  actions: 'miniwob_all',
  split: 'test',
  episodeMaxTime: 20_000,
};
