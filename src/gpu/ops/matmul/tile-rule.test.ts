import { expect, test } from 'vitest';
import { computeUnits } from './compute-units.ts';
import { chooseByRule, estimate, splitK, TILES, tileCount, unsplit, type TileSizes } from './tile-rule.ts';

/** [N, K] of the layers of LFM2-VL 450M and 1.6B and of a vision tower. */
const LAYERS = [
  [4608, 1024],
  [1024, 4608],
  [3072, 1024],
  [1024, 1024],
  [512, 1024],
  [8192, 2048],
  [2048, 8192],
  [6144, 2048],
  [768, 3072],
  [4304, 1152],
  [65536, 1024],
];

const ROWS = [1, 64, 65, 70, 128, 280, 454, 1000, 1458, 3632, 4096];

function forAll(check: (sizes: TileSizes, units: number) => void): void {
  for (const units of [8, 20, 66, 132])
    for (const [N, K] of LAYERS)
      for (const M of ROWS) for (const rank of [0, 8]) check({ M, N, K, rank }, units);
}

test('no tile alone is expected to be faster than the choice', () => {
  forAll((sizes, units) => {
    const time = estimate(chooseByRule(sizes, units), sizes, units);
    for (const tile of TILES) expect(time).toBeLessThanOrEqual(estimate(unsplit(tile, sizes), sizes, units));
  });
});

test('a choice covers every tile once, with splits that all have a part of K', () => {
  forAll((sizes, units) => {
    const { tile, whole, splits } = chooseByRule(sizes, units);
    const tiles = tileCount(tile, sizes);
    expect(whole).toBeLessThanOrEqual(tiles);
    expect(splits === 1).toBe(whole === tiles);
    const share = splitK(sizes.K, splits);
    expect(share.splits).toBe(splits);
    expect(share.perSplit * (splits - 1)).toBeLessThan(sizes.K);
    // One row of workgroups, of which every adapter takes 65,535.
    expect(whole + (tiles - whole) * splits).toBeLessThanOrEqual(65_535 * (splits > 1 ? 1 : Infinity));
  });
});

test('an estimate agrees with what an H200 took for products that fill it badly and well', () => {
  // Measured 2026-11-28: w1 at 454 and 3632 rows, q at 454, the input gradient of w1 at 1458.
  const measured = [
    [{ M: 454, N: 4608, K: 1024, rank: 8 }, [128, 128], 258],
    [{ M: 3632, N: 1024, K: 1024, rank: 8 }, [128, 128], 262],
    [{ M: 454, N: 512, K: 1024, rank: 8 }, [64, 64], 75],
    [{ M: 1458, N: 512, K: 1024, rank: 8 }, [64, 64], 89],
    [{ M: 454, N: 2048, K: 8192, rank: 8 }, [64, 128], 735],
  ] as const;
  for (const [sizes, tile, microseconds] of measured) {
    const ratio = estimate(unsplit(tile, sizes), sizes, 132) / microseconds;
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  }
});

test('few tiles with a long K are split, as are those that would begin a turn of their own', () => {
  const long = chooseByRule({ M: 454, N: 1024, K: 4608 }, 132);
  expect(long.whole).toBe(0);
  expect(tileCount(long.tile, { M: 454, N: 1024, K: 4608 }) * long.splits).toBeGreaterThan(132);
  const tail = chooseByRule({ M: 454, N: 4608, K: 1024 }, 132);
  expect(tail.whole).toBe(132);
  expect(tail.splits).toBeGreaterThan(1);
  // Where the adapter lacks a binding for both, and where there are several matrices.
  expect(chooseByRule({ M: 454, N: 4608, K: 1024 }, 132, { tail: false }).whole).not.toBe(132);
  expect(chooseByRule({ M: 64, N: 64, K: 4096, batch: 3 }, 132).splits).toBe(1);
});

test('an adapter is known by what it says of itself, and its units are a number anyway', () => {
  const units = (vendor: string, architecture: string, description: string): number =>
    computeUnits({ vendor, architecture, description });
  expect(units('nvidia', '', 'NVIDIA H200')).toBe(132);
  expect(units('nvidia', 'ampere', '')).toBe(56);
  expect(units('apple', 'metal-3', '')).toBe(20);
  expect(units('', '', '')).toBeGreaterThan(0);
});
