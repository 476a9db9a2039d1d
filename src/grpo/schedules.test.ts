/** Learning rates against transformers' and their bounds. */
import { describe, expect, test } from 'vitest';
import { learningRate, SCHEDULES, warmupSteps } from './schedules.ts';

const base = { learning_rate: 2, warmup_steps: 4 };
const rates = (lr_scheduler_type: keyof typeof SCHEDULES, warmup_steps = 4, total = 10) =>
  Array.from({ length: total }, (_, step) =>
    learningRate({ ...base, lr_scheduler_type, warmup_steps }, step, total),
  );

// transformers.get_scheduler on an optimizer with lr 2, read before each of 10 steps.
test.each([
  ['linear', [0, 0.5, 1, 1.5, 2, 5 / 3, 4 / 3, 1, 2 / 3, 1 / 3]],
  ['cosine', [0, 0.5, 1, 1.5, 2, 1 + Math.cos(Math.PI / 6), 1.5, 1, 0.5, 1 - Math.cos(Math.PI / 6)]],
  ['constant_with_warmup', [0, 0.5, 1, 1.5, 2, 2, 2, 2, 2, 2]],
  ['constant', [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
] as const)('%s with 4 warm-up steps of 10', (name, expected) => {
  rates(name).forEach((rate, step) => expect(rate).toBeCloseTo(expected[step], 12));
});

describe.each(Object.keys(SCHEDULES) as (keyof typeof SCHEDULES)[])('%s', name => {
  test('begins at the full rate without warm-up', () => {
    expect(rates(name, 0)[0]).toBe(2);
  });

  test('stays within 0 and the full rate for any length', () => {
    for (const total of [1, 2, 7, 100]) {
      for (const warmup of [0, 1, total, total + 5]) {
        for (const rate of rates(name, warmup, total)) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(2);
        }
      }
    }
  });
});

test('a warm-up below 1 is a share of the run, rounded up', () => {
  expect(warmupSteps(0.25, 10)).toBe(3);
  expect(warmupSteps(3, 10)).toBe(3);
  expect(warmupSteps(0, 10)).toBe(0);
});
