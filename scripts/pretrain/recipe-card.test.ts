/** The card of a policy that a recipe made. */
import { expect, test } from 'vitest';
import { planOf } from './plan.ts';
import { recipeCard, type RecipeReport } from './recipe-card.ts';
import { NANO } from './recipes/nano.ts';

const TASKS = ['click-button', 'click-test', 'click-dialog-2'];

const task = (name: string, successes: number) => ({ task: name, episodes: 20, successes, failed: 0 });

const REPORT: RecipeReport = {
  recipe: NANO,
  command: 'npm run pretrain -- --task click-button,click-test,click-dialog-2',
  seed: 1,
  scale: 1,
  date: '2026-11-29',
  devices: ['a card (webgpu), 16 cores'],
  parts: planOf(NANO, { seed: 1, scale: 1, tasks: TASKS, pages: 20 }).map((planned, i) => ({
    ...planned,
    seconds: 60 * i,
  })),
  solved: { 'click-button': 3787, 'click-test': 387 },
  scores: [
    {
      column: 'success',
      tasks: [task('click-button', 18), task('click-test', 20), task('click-dialog-2', 4)],
    },
    { column: 'without the habit', tasks: [task('click-dialog-2', 20), task('click-button', 15)] },
  ],
};

test('it has the command, the seed, the device, and what each part did in which time', () => {
  const card = recipeCard(REPORT);
  expect(card).toContain(`    ${REPORT.command}\n`);
  // 60 times the sum of 0 to 13.
  expect(card).toContain('Seed 1. It took 1.5 h on a card (webgpu), 16 cores.');
  expect(card).toContain(
    '| p | The warm start goes on, at a rate that falls. From p-begun: 1,200 of 1,350 steps of 256 turns at a rate of 0.002 (linear), seed 11, from 48 files of demonstrations. | 4 min |',
  );
  expect(card).toContain('546 episodes in 26 browsers, seeds 1001 to 1026. | 60 s |');
  expect(card).toContain('0.2 p + 0.4 a + 0.4 b.');
  expect(card).toContain('0.2 p − 0.4 a − 0.4 b + 0.8 a-habit + 0.8 b-habit.');
});

test('every task has its demonstrations and its success with Wilson’s interval, in every column that has it', () => {
  const card = recipeCard(REPORT);
  // Wilson 1927: 18 of 20 is 0.6990 to 0.9721, 15 of 20 0.5313 to 0.8881, 4 of 20 0.0807 to 0.4160.
  expect(card).toContain(
    '| click-button | 3,787 | 0.90 [0.70, 0.97] (18 of 20) | 0.75 [0.53, 0.89] (15 of 20) |',
  );
  expect(card).toContain('| click-test | 387 | 1.00 [0.84, 1.00] (20 of 20) |  |');
  expect(card).toContain(
    '| click-dialog-2 | 0 | 0.20 [0.08, 0.42] (4 of 20) | 1.00 [0.84, 1.00] (20 of 20) |',
  );
  expect(card).toContain('4,174 in all');
  expect(card).toContain('| mean | | 0.70');
});

test('a habit hides no skill from the count of tasks that are able', () => {
  expect(recipeCard(REPORT)).toContain('3 tasks of 3 are above 0.8 (success or without the habit).');
});

test('a smaller recipe is told from what the recipe makes', () => {
  expect(recipeCard(REPORT)).not.toContain('a try of it');
  expect(recipeCard({ ...REPORT, scale: 0.01 })).toContain("at 0.01 of the recipe's size (a try of it");
});
