/** tic-tac-toe: win a game of tic-tac-toe. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'tic-tac-toe',
  title: 'Tic Tac Toe Task',
  summary: 'Win a game of tic-tac-toe against a careless player; a draw or a loss costs.',
  category: 'original',
  needs: ['click', 'sight', 'several-steps'],
  split: 'test',
  episodeMaxTime: 10_000,
};
