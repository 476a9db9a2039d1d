/** Records a product by shared tiles on a real GPU: which tile, and whether K is split over workgroups. */
import type { Binding, GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import type { WeightFormat } from '../../packed/index.ts';
import { sumSplitsWgsl, tileKey, tileWgsl, type TileVariant } from './tile.wgsl.ts';

export interface MatrixOperand {
  /** Words, then the scales of integer formats. */
  data: Binding[];
  format?: WeightFormat;
  /** Stored [K, X], the summed dimension down the rows; else [X, K]. */
  along: boolean;
  /** Stored rows from one batch's matrix to the next; 0 uses one for all. */
  batchRows?: number;
}

export interface TileProduct {
  M: number;
  N: number;
  K: number;
  a: MatrixOperand;
  b: MatrixOperand & { firstRow?: number };
  /** Adds scaling · a b, a [M, rank] and b [rank, N] (along) or [N, rank], both f32. */
  second?: { a: Binding; b: Binding; along: boolean; rank: number; scaling: number };
  /** [N] */
  bias?: Binding;
  /** [M, N], added to the product; for one batch. */
  residual?: Binding;
  out: Binding;
  batch?: number;
  /** Adds to what `out` holds. */
  add?: boolean;
}

/** Rows and columns of a workgroup's tile. */
export type Tile = readonly [64 | 128, 64 | 128];

export const TILES: readonly Tile[] = [
  [128, 128],
  [64, 128],
  [128, 64],
  [64, 64],
];

/** Workgroups that keep a large GPU busy: two for each of its some hundred cores. */
const FULL = 256;

/** Splits shorter than this cost more in their sum than they gain. */
const LEAST_SPLIT = 128;

/** out = a b (+ scaling · a2 b2) (+ bias) (+ residual), batch by batch. */
export function recordTile(gpu: GpuBackend, o: TileProduct, choice = chooseTile(gpu, o)): void {
  const { M, N, K, batch = 1 } = o;
  const [tileM, tileN] = choice.tile;
  const variant: TileVariant = {
    tileM,
    tileN,
    a: { format: o.a.format ?? 'f32', along: o.a.along, aligned: (o.a.along ? M : K) % 4 === 0 },
    b: { format: o.b.format ?? 'f32', along: o.b.along, aligned: (o.b.along ? N : K) % 4 === 0 },
    second: o.second && {
      aligned: o.second.rank % 4 === 0,
      b: {
        format: 'f32',
        along: o.second.along,
        aligned: (o.second.along ? N : o.second.rank) % 4 === 0,
      },
    },
    bias: o.bias !== undefined,
    residual: o.residual !== undefined && choice.splits === 1,
    alignedC: N % 4 === 0,
  };
  const perSplit = choice.splits > 1 ? Math.ceil(K / choice.splits / 16) * 16 : 0;
  // Fewer than chosen where rounding made each longer: one that began past K would count its steps below zero.
  const splits = perSplit > 0 ? Math.ceil(K / perSplit) : 1;
  const parts = perSplit > 0 ? gpu.alloc([splits, M, N]) : null;
  gpu.dispatch(
    tileKey(variant),
    () => tileWgsl(variant),
    [
      ...o.a.data,
      ...o.b.data,
      ...(o.second ? [o.second.a, o.second.b] : []),
      ...(o.bias ? [o.bias] : []),
      ...(variant.residual ? [o.residual!] : []),
      parts ?? o.out,
    ],
    params(
      M,
      N,
      K,
      o.a.batchRows ?? 0,
      o.b.batchRows ?? 0,
      o.b.firstRow ?? 0,
      o.add ? 1 : 0,
      o.second?.rank ?? 0,
      perSplit,
      { f32: o.second?.scaling ?? 0 },
    ),
    [Math.ceil(N / tileN), Math.ceil(M / tileM), parts ? splits : batch],
  );
  if (!parts) return;
  const numbers = params(M * N, splits);
  const sum = o.residual ? 'matmul-sum-splits-residual' : 'matmul-sum-splits';
  const bindings = [parts, ...(o.residual ? [o.residual] : []), o.out];
  gpu.dispatch(sum, () => sumSplitsWgsl(o.residual !== undefined), bindings, numbers, grid(M * N));
  gpu.disposeData(parts.dataId);
}

/** The largest tile that still fills the GPU; where even small ones do not and K is long, K is split. */
export function chooseTile(_: GpuBackend, o: TileProduct): { tile: Tile; splits: number } {
  const { M, N, K, batch = 1 } = o;
  const groups = ([m, n]: Tile): number => Math.ceil(M / m) * Math.ceil(N / n) * batch;
  const wasted = ([m, n]: Tile): boolean => (m > 64 && M <= 64) || (n > 64 && N <= 64);
  const filling = TILES.find(tile => !wasted(tile) && groups(tile) >= FULL / 2);
  if (filling) return { tile: filling, splits: 1 };
  const tile = TILES[TILES.length - 1];
  // A second pair of operands, a bias and a sum into C belong to one split alone.
  if (o.second || o.bias || o.add || batch > 1) return { tile, splits: 1 };
  const splits = Math.min(Math.floor(FULL / groups(tile)), Math.floor(K / LEAST_SPLIT));
  return { tile, splits: Math.max(1, splits) };
}
