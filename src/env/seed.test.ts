import { expect, test } from 'vitest';
import { wobSeed } from './seed.ts';

test('an episode seed becomes the number that NumPy draws for BrowserGym', () => {
  const numpy: Record<number, number> = {
    0: 985772,
    1: 128037,
    2: 875688,
    3: 71530,
    4: 991406,
    5: 297827,
    23: 893523,
    42: 121958,
    123: 773630,
  };
  for (const [seed, expected] of Object.entries(numpy))
    expect(wobSeed(Number(seed)), `seed ${seed}`).toBe(expected);
});

test('every seed gives a number below a million, and few collide', () => {
  const drawn = Array.from({ length: 2000 }, (_, seed) => wobSeed(seed));
  expect(Math.max(...drawn)).toBeLessThan(1_000_000);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  // 2000 draws from a million values collide about twice.
  expect(new Set(drawn).size).toBeGreaterThan(1980);
});

test('a seed that NumPy refuses is refused', () => {
  expect(wobSeed(2 ** 32 - 1)).toBeTypeOf('number');
  for (const bad of [-1, 2 ** 32, 1.5, Number.NaN]) expect(() => wobSeed(bad)).toThrow(RangeError);
});
