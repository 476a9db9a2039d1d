/** Times tiles for the products that come up often, on the GPU at hand, so that the next ones get the fastest. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type Binding, type GpuBackend } from '../../backend.ts';
import { webGpuInternals } from '../../internals.ts';
import { PassClock } from '../../pass-clock.ts';
import { scaleBytes, wordBytes, type WeightFormat } from '../../packed/format.ts';
import { hashKey } from '../../random.ts';
import type { Product } from './operands.ts';
import { recordTile } from './record-tile.ts';
import { className, tileChoices, type ProductClass, type TileUse } from './tile-choices.ts';
import { estimate, TILES, unsplit, type Tile } from './tile-rule.ts';
import { tileWgsl } from './tile.wgsl.ts';

export interface TuneOptions {
  /** Milliseconds for all measuring on this device; a product that was begun is measured to its end. */
  budgetMs?: number;
  /** Uses from which on a product counts as often. */
  least?: number;
}

export interface TileTiming {
  /** `className` of its products. */
  product: string;
  uses: number;
  ms: { tile: Tile; ms: number }[];
  byRule: Tile;
  chosen: Tile | 'rule';
}

/** Tiles that the rule expects to take this many times its best are not tried. */
const CANDIDATE = 1.4;

/** What a tile must take less than the rule's: clocks err, and the rule's is compiled. */
const WORTH = 0.97;

/** Operands of a measurement take no more memory than this. */
const MOST_BYTES = 2 ** 28;

/** Work that is timed at once: Chromium's GPU clock is rounded to 0.1 ms. A submit holds no more than 64 dispatches. */
const TIMED_MS = 4;
const MOST_REPEATS = 48;
const ROUNDS = 2;

/**
 * Measures what has come up often since the device was opened and was not measured before; between steps, when nothing is
 * under way. Does nothing on a software adapter. Which tile wins changes no bit of any product.
 * @throws {GpuError} `out-of-memory`: nothing is measured any more, and all goes on with the tiles that there are.
 */
export async function tuneTiles({ budgetMs = 1000, least = 8 }: TuneOptions = {}): Promise<TileTiming[]> {
  const gpu = gpuBackend();
  if (!gpu || gpu.software) return [];
  const choices = tileChoices(gpu);
  const timings: TileTiming[] = [];
  const share = ({ product, count }: TileUse): number =>
    count * estimate(choices.byRule(product), sizesOf(product), choices.units);
  const often = [...choices.uses]
    .filter(
      ([name, { product, count }]) =>
        count >= least && !choices.tuned.has(name) && bytesOf(product) <= MOST_BYTES,
    )
    .map(([, use]) => use)
    .sort((a, b) => share(b) - share(a));
  for (const { product, count } of often) {
    if (choices.spentMs >= budgetMs) break;
    const start = performance.now();
    try {
      const timing = { ...(await compareTiles(gpu, product)), uses: count };
      choices.setTuned(timing.product, timing.chosen);
      timings.push(timing);
    } catch (error) {
      choices.spentMs = Infinity;
      throw error;
    }
    choices.spentMs += performance.now() - start;
  }
  return timings;
}

/** Names this adapter and these kernels: what was measured with others says nothing. Null where nothing is measured. */
export function tilesKey(): string | null {
  const gpu = gpuBackend();
  if (!gpu || gpu.software) return null;
  const { vendor, architecture, description } = gpu.gpu.adapterInfo;
  const operand = { format: 'f16', along: false, aligned: true } as const;
  const source = tileWgsl({
    tileM: 128,
    tileN: 128,
    a: operand,
    b: operand,
    bias: false,
    residual: false,
    alignedC: true,
  });
  return JSON.stringify([vendor, architecture, description, gpu.gpu.features, hashKey(source)]);
}

/** What was measured so far, to be kept under `tilesKey`. */
export function savedTiles(): string {
  return tileChoices(gpuBackend()!).save();
}

/** Takes what was kept. @returns false for what is not of `savedTiles` */
export function loadTiles(text: string): boolean {
  return tileChoices(gpuBackend()!).load(text);
}

const sizesOf = (o: ProductClass) => ({ M: o.M, N: o.N, K: o.K, rank: o.second?.rank });

async function compareTiles(gpu: GpuBackend, product: ProductClass): Promise<Omit<TileTiming, 'uses'>> {
  const choices = tileChoices(gpu);
  const sizes = sizesOf(product);
  const expected = (tile: Tile): number => estimate(unsplit(tile, sizes), sizes, choices.units);
  const least = Math.min(...TILES.map(expected));
  const byRule = TILES.find(tile => expected(tile) === least)!;
  const made: tf.TensorInfo[] = [];
  const matrix = (rows: number, columns: number, format: WeightFormat = 'f32'): Binding[] =>
    [wordBytes(rows, columns, format), scaleBytes(rows, columns, format)]
      .filter(bytes => bytes > 0)
      .map(bytes => {
        made.push(gpu.alloc([bytes / 4]));
        return made.at(-1)!;
      });
  try {
    const { M, N, K, a, b, second } = product;
    const work: Product = {
      M,
      N,
      K,
      a: { ...a, data: matrix(a.along ? K : M, a.along ? M : K, a.format) },
      b: { ...b, data: matrix(b.along ? K : N, b.along ? N : K, b.format) },
      second: second && {
        ...second,
        a: matrix(M, second.rank)[0],
        b: matrix(second.along ? second.rank : N, second.along ? N : second.rank)[0],
        scaling: 1,
      },
      out: matrix(M, N)[0],
    };
    const ms: TileTiming['ms'] = [];
    for (const tile of TILES)
      if (expected(tile) <= CANDIDATE * least)
        ms.push({ tile, ms: await timeOf(gpu, () => recordTile(gpu, work, unsplit(tile, sizes))) });
    const fastest = ms.reduce((best, one) => (one.ms < best.ms ? one : best));
    const ruled = ms.find(({ tile }) => tile === byRule)!;
    const chosen = fastest.ms < WORTH * ruled.ms ? fastest.tile : 'rule';
    return { product: className(product), ms, byRule, chosen };
  } finally {
    made.forEach(({ dataId }) => gpu.disposeData(dataId));
  }
}

/** Milliseconds of one dispatch: the least of some rounds. */
async function timeOf(gpu: GpuBackend, record: () => void): Promise<number> {
  record();
  await gpu.check();
  const once = (await timed(gpu, record, 2)) / 2;
  const repeats = Math.max(2, Math.min(MOST_REPEATS, Math.ceil(TIMED_MS / Math.max(once, 1e-3))));
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++)
    least = Math.min(least, (await timed(gpu, record, repeats)) / repeats);
  return least;
}

async function timed(gpu: GpuBackend, record: () => void, repeats: number): Promise<number> {
  const repeated = (): void => {
    for (let i = 0; i < repeats; i++) record();
  };
  gpu.flush();
  const clock = PassClock.of(gpu);
  if (clock) {
    const ms = await passTime(gpu, clock, repeated);
    if (ms > 0) return ms;
  }
  await gpu.check();
  const start = performance.now();
  repeated();
  await gpu.check();
  return performance.now() - start;
}

/** Milliseconds of one pass by the GPU's clock; 0 where that is too coarse. */
async function passTime(gpu: GpuBackend, clock: PassClock, record: () => void): Promise<number> {
  const inner = webGpuInternals(gpu);
  inner.ensureCommandEncoderReady();
  inner.computePassEncoder = inner.commandEncoder!.beginComputePass({ timestampWrites: clock.next() });
  record();
  gpu.flush();
  const [seconds] = await clock.read();
  return 1000 * seconds;
}

function bytesOf({ M, N, K, a, b }: ProductClass): number {
  const bytes = (rows: number, { along, format }: ProductClass['a']): number =>
    along ? wordBytes(K, rows, format) : wordBytes(rows, K, format);
  return bytes(M, a) + bytes(N, b) + 4 * M * N;
}
