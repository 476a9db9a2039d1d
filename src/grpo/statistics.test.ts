/** Intervals of proportions. */
import { expect, test } from 'vitest';
import { wilsonInterval } from './statistics.ts';

test.each([
  // statsmodels.stats.proportion.proportion_confint(k, n, method='wilson')
  [0, 20, 0, 0.161125],
  [10, 20, 0.299298, 0.700702],
  [19, 20, 0.763869, 0.991119],
  [20, 20, 0.838875, 1],
])('of %i successes in %i goes from %f to %f', (successes, n, low, high) => {
  const [from, to] = wilsonInterval(successes, n);
  expect(from).toBeCloseTo(low, 5);
  expect(to).toBeCloseTo(high, 5);
});

test('of nothing is everything', () => {
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
});
