import { expect, test } from 'vitest';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { startBackend } from '../../start.ts';
import { onHardwareForm } from '../../testing.ts';
import type { Product } from './operands.ts';
import { chooseTile, recordTile } from './record-tile.ts';
import { className, roundRows, tileChoices } from './tile-choices.ts';
import { unsplit } from './tile-rule.ts';
import { loadTiles, savedTiles, tilesKey, tuneTiles, type TileTiming } from './tuner.ts';

/** K is too short to be split. Two tiles of 64 × 64 or one of 64 × 128: SwiftShader takes seconds to compile more. */
const SIZES = { M: 60, N: 100, K: 32 };
const NAME = '64x100x32 f32 f32';

function onProduct(gpu: GpuBackend, body: (product: Product) => void): void {
  const { M, N, K } = SIZES;
  const [a, b, out] = [gpu.alloc([M, K]), gpu.alloc([N, K]), gpu.alloc([M, N])];
  body({ ...SIZES, a: { data: [a], along: false }, b: { data: [b], along: false }, out });
  for (const { dataId } of [a, b, out]) gpu.disposeData(dataId);
}

onHardwareForm('a product that comes up often is measured once, with every tile that may win', async () => {
  const gpu = gpuBackend()!;
  const often = (times: number): void =>
    onProduct(gpu, product => {
      for (let i = 0; i < times; i++) recordTile(gpu, product);
    });
  /** On a card the products of other tests may be due too. */
  const tuned = async (): Promise<TileTiming[]> =>
    (await tuneTiles({ least: 5, budgetMs: 60_000 })).filter(({ product }) => product === NAME);
  often(4);
  expect(await tuned()).toEqual([]);
  often(1);
  const timings = await tuned();
  expect(timings).toMatchObject([{ product: NAME, uses: 5 }]);
  const [{ ms, byRule, chosen }] = timings;
  expect(ms.length).toBeGreaterThan(1);
  for (const one of ms) expect(one.ms).toBeGreaterThan(0);
  const fastest = ms.reduce((best, one) => (one.ms < best.ms ? one : best));
  if (chosen !== 'rule') expect(chosen).toEqual(fastest.tile);
  else expect(fastest.ms / ms.find(({ tile }) => tile === byRule)!.ms).toBeGreaterThan(0.9);
  onProduct(gpu, product =>
    expect(chooseTile(gpu, product)).toEqual(unsplit(chosen === 'rule' ? byRule : chosen, SIZES)),
  );
  often(9);
  expect(await tuned()).toEqual([]);
  expect(JSON.parse(savedTiles())).toMatchObject({ [NAME]: chosen === 'rule' ? chosen : chosen.join('x') });
});

onHardwareForm('nothing is measured once the time for it is spent', async () => {
  const gpu = gpuBackend()!;
  onProduct(gpu, product => {
    for (let i = 0; i < 9; i++) chooseTile(gpu, { ...product, K: 48 });
  });
  expect(await tuneTiles({ budgetMs: 0 })).toEqual([]);
});

onHardwareForm('kept tiles are taken for the products they name, and never where K is split', async () => {
  const gpu = gpuBackend()!;
  const before = savedTiles();
  const long = { a: 'f32', M: 70, N: 100, K: 4096 };
  const name = className({
    ...long,
    M: roundRows(long.M),
    a: { format: 'f32', along: false },
    b: { format: 'f32', along: false },
  });
  onProduct(gpu, product => {
    const split = chooseTile(gpu, { ...product, ...long, a: product.a });
    expect(split.splits).toBeGreaterThan(1);
    expect(loadTiles(JSON.stringify({ [NAME]: '128x64', [name]: '64x64' }))).toBe(true);
    expect(chooseTile(gpu, product)).toEqual(unsplit([128, 64], SIZES));
    expect(chooseTile(gpu, { ...product, ...long, a: product.a })).toEqual(split);
  });
  for (const made of [name, NAME]) tileChoices(gpu).tuned.delete(made);
  loadTiles(before);
});

onHardwareForm('a damaged or foreign text is not taken', async () => {
  const before = savedTiles();
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '"64x64"',
    '{"64x100x32 f32 f32":"32x32"}',
    '{"64x100x32 f32 f32":[64,64]}',
    `{"${NAME}":"128x64","x":"64x64"}`,
  ])
    expect(loadTiles(text), text).toBe(false);
  expect(savedTiles()).toBe(before);
});

test('a software adapter is not measured', async () => {
  await startBackend('webgpu');
  if (!gpuBackend()!.software) return;
  expect(tilesKey()).toBeNull();
  expect(await tuneTiles({ least: 0 })).toEqual([]);
});

test('rows are rounded to a quarter of an octave', () => {
  expect([60, 65, 280, 454, 1458, 3632].map(roundRows)).toEqual([64, 128, 320, 512, 1536, 4096]);
  for (let rows = 1; rows < 5000; rows++) expect(roundRows(rows) - rows).toBeLessThan(Math.max(64, rows / 4));
});
