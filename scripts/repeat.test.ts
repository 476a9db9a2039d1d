import { expect, test } from 'vitest';
import { firstDifference } from './repeat.ts';

const recorded = [
  { step: 1, loss: 0.5, step_time: 2, time: 10 },
  { step: 2, loss: 0.25, step_time: 2, time: 12 },
];

test('a repeated run is the same when every number but the clock’s is, and the first other one is named', () => {
  expect(
    firstDifference(
      recorded,
      recorded.map(line => ({ ...line, step_time: 9, time: 99 })),
    ),
  ).toBeNull();
  const last = { step: 2, loss: 0.25000000000000006, step_time: 2 };
  expect(firstDifference(recorded, [recorded[0], last])).toMatch(/^step 2: loss was 0.25 and is 0.25000/);
  expect(firstDifference(recorded, [{ step: 1, loss: 0.5, kl: 0 }])).toBe('step 1: kl was absent and is 0');
  // A run that was stopped earlier is compared as far as it goes.
  expect(firstDifference(recorded, [recorded[0]])).toBeNull();
});
