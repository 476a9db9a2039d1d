/** What must hold of advantages, whatever the rewards. */
import { describe, expect, test } from 'vitest';
import { fractionZeroStd, groupAdvantages, normalizeThenSum, type RewardScaling } from './advantages.ts';
import { draws } from './draws.testing.ts';
import { mean, sampleStd } from './statistics.ts';

const SCALINGS: RewardScaling[] = ['group', 'batch', 'none'];

describe.each(SCALINGS)('scaling by %s', scaling => {
  const random = draws(7);
  const rewards = Float64Array.from({ length: 24 }, random);

  test('advantages of a group sum to 0', () => {
    const advantages = groupAdvantages(rewards, 8, scaling);
    for (let g = 0; g < 3; g += 1) expect(mean(advantages.subarray(g * 8, g * 8 + 8))).toBeCloseTo(0, 10);
  });

  test('adding a constant to a group changes nothing', () => {
    const shifted = rewards.map((reward, i) => reward + (i < 8 ? 5 : 0));
    const [before, after] = [rewards, shifted].map(values => groupAdvantages(values, 8, 'group'));
    before.forEach((value, i) => expect(after[i]).toBeCloseTo(value, 10));
  });

  test('a better member of a group has the larger advantage', () => {
    const advantages = groupAdvantages(rewards, 8, scaling);
    for (let i = 0; i < 7; i += 1) {
      expect(Math.sign(advantages[i] - advantages[i + 1])).toBe(Math.sign(rewards[i] - rewards[i + 1]));
    }
  });

  test('a group with equal rewards teaches nothing', () => {
    expect([...groupAdvantages(Float64Array.of(1, 1, 1, 0, 1, 0), 3, scaling).subarray(0, 3)]).toEqual([
      0, 0, 0,
    ]);
  });

  test('a failed episode gets 0 and does not move the others', () => {
    const withFailure = Float64Array.of(1, NaN, 0, 0, 1, 0, 1, 1);
    const advantages = groupAdvantages(withFailure, 4, scaling);
    expect(advantages[1]).toBe(0);
    const scale = scaling === 'none' ? 1 : sampleStd(scaling === 'group' ? [1, 0, 0] : withFailure) + 1e-4;
    expect(advantages[0]).toBeCloseTo((1 - 1 / 3) / scale, 10);
    expect(advantages[2]).toBeCloseTo(-1 / 3 / scale, 10);
  });

  test('failures alone teach nothing, and neither does a lone survivor', () => {
    expect([...groupAdvantages(Float64Array.of(NaN, NaN, NaN, 1), 2, scaling)]).toEqual([0, 0, 0, 0]);
  });
});

test('the spread is the sample standard deviation plus 1e-4', () => {
  // TRL on rewards 1, 0, 0, 0: mean 0.25, std (n - 1) 0.5.
  const advantages = groupAdvantages(Float64Array.of(1, 0, 0, 0), 4, 'group');
  expect(advantages[0]).toBeCloseTo(0.75 / 0.5001, 12);
  expect(advantages[1]).toBeCloseTo(-0.25 / 0.5001, 12);
});

test('normalize_then_sum makes the scale of one function irrelevant', () => {
  const random = draws(11);
  const [a, b] = [0, 1].map(() => Float64Array.from({ length: 8 }, random));
  const plain = normalizeThenSum([a, b], [1, 1], 4);
  const scaled = normalizeThenSum([a.map(value => value * 1000), b], [1, 1], 4);
  // The 1e-4 beside a spread of about 0.3 weighs 3e-4 of the value.
  plain.forEach((value, i) => expect(Math.abs(scaled[i] - value)).toBeLessThan(2e-3));
  expect(mean(plain)).toBeCloseTo(0, 10);
});

test('normalize_then_sum leaves out what does not apply', () => {
  const advantages = normalizeThenSum(
    [Float64Array.of(1, 0, NaN, NaN), Float64Array.of(NaN, NaN, 1, NaN)],
    [1, 1],
    2,
  );
  expect(advantages[0]).toBeGreaterThan(0);
  expect(advantages[1]).toBeLessThan(0);
  expect(advantages[3]).toBe(0);
});

test('frac_reward_zero_std counts groups without spread', () => {
  const rewards = Float64Array.of(1, 1, 0, 1, NaN, 1, 0, 0);
  expect(fractionZeroStd(rewards, 2, 'group')).toBe(0.75);
  expect(fractionZeroStd(rewards, 2, 'batch')).toBe(0);
});

test('rewards that do not divide into groups are refused', () => {
  expect(() => groupAdvantages(new Float64Array(7), 4, 'group')).toThrow(RangeError);
  expect(() => groupAdvantages(new Float64Array(4), 1, 'group')).toThrow('at least 2');
  expect(() => groupAdvantages(new Float64Array(0), 2, 'group')).toThrow(RangeError);
});
