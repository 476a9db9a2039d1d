/** Clipping by the global norm, as torch does it. */
import { expect, test } from 'vitest';
import { clipCoefficient, globalNorm } from './clip.ts';

test('a gradient within the norm is left alone', () => {
  expect(clipCoefficient(0.5, 1)).toBe(1);
  expect(clipCoefficient(0, 1)).toBe(1);
});

test('a larger one is brought to the norm', () => {
  const norm = globalNorm([9, 16]);
  expect(norm).toBe(5);
  expect(clipCoefficient(norm, 1)).toBeCloseTo(1 / (5 + 1e-6), 15);
});

test('max_grad_norm 0 clips nothing', () => {
  expect(clipCoefficient(1e9, 0)).toBe(1);
});

test('a norm that is not finite gives no coefficient to step with', () => {
  expect(clipCoefficient(NaN, 1)).toBeNaN();
  expect(clipCoefficient(Infinity, 1)).toBeNaN();
});
