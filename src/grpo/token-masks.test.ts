/** Masks and ratios over tokens. */
import { expect, test } from 'vitest';
import { Rows } from './rows.ts';
import { samplingRatio, topEntropyMask } from './token-masks.ts';

test('the upper half by entropy is kept, counted over loss tokens only', () => {
  const kept = topEntropyMask(Float32Array.of(9, 1, 2, 3, 4), Float32Array.of(0, 1, 1, 1, 1), 0.5);
  expect([...kept]).toEqual([0, 0, 0, 1, 1]);
});

test('a share of 1 keeps every loss token, and no token is kept of none', () => {
  expect([...topEntropyMask(Float32Array.of(1, 2), Float32Array.of(1, 0), 1)]).toEqual([1, 0]);
  expect([...topEntropyMask(Float32Array.of(1, 2), Float32Array.of(0, 0), 0.5)]).toEqual([0, 0]);
});

const rows = new Rows(Int32Array.of(0, 0, 1), Float32Array.of(1, 1, 1), 2);
const old = Float32Array.from([2, 0.5, 4], Math.log);
const sampler = new Float32Array(3);
const close = (got: Float32Array, expected: number[]) =>
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));

test('truncating clamps the ratio, masking zeroes what is outside', () => {
  const bounds = { min: 0.6, max: 3 };
  close(samplingRatio(rows, old, sampler, 'token_truncate', bounds), [2, 0.6, 3]);
  close(samplingRatio(rows, old, sampler, 'token_mask', bounds), [2, 0, 0]);
});

test('at sequence level the row has one ratio, the product of its tokens', () => {
  close(samplingRatio(rows, old, sampler, 'sequence_truncate', { min: null, max: 3 }), [1, 1, 3]);
  close(samplingRatio(rows, old, sampler, 'sequence_mask', { min: null, max: 3 }), [1, 1, 0]);
});
