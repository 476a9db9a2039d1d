/** Records a product by shared tiles on a real GPU: which tile, and whether K is split over workgroups. */
import type { Binding, GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import type { WeightFormat } from '../../packed/index.ts';
import { sumSplitsKey, sumSplitsWgsl } from './sum-splits.wgsl.ts';
import { tileChoices } from './tile-choices.ts';
import { splitK, tileCount, type TileChoice } from './tile-rule.ts';
import { tileBindings, tileKey, tileWgsl, type TileVariant } from './tile.wgsl.ts';

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

/** out = a b (+ scaling · a2 b2) (+ bias) (+ residual), batch by batch. */
export function recordTile(gpu: GpuBackend, o: TileProduct, choice = chooseTile(gpu, o)): void {
  const { M, N, K, batch = 1 } = o;
  const { tile, whole } = choice;
  const [tileM, tileN] = tile;
  const { perSplit, splits } = splitK(K, choice.splits);
  const across = Math.ceil(N / tileN);
  const cut = splits > 1 ? tileCount(tile, o) - whole : 0;
  const variant = variantOf(o, choice);
  const parts = cut > 0 ? gpu.alloc([cut, splits, tileM, tileN]) : null;
  gpu.dispatch(
    tileKey(variant),
    () => tileWgsl(variant),
    [
      ...o.a.data,
      ...o.b.data,
      ...(o.second ? [o.second.a, o.second.b] : []),
      ...(variant.bias ? [o.bias!] : []),
      ...(variant.residual ? [o.residual!] : []),
      ...(variant.split === 'all' ? [] : [o.out]),
      ...(parts ? [parts] : []),
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
      { f32: o.second?.scaling ?? 0 },
      perSplit,
      splits,
      whole,
      across,
    ),
    parts ? [whole + cut * splits, 1, 1] : [across, Math.ceil(M / tileM), batch],
  );
  if (!parts) return;
  const { bias, residual } = o;
  const sum = {
    tileM,
    tileN,
    bias: bias !== undefined,
    residual: residual !== undefined,
    alignedC: N % 4 === 0,
  };
  gpu.dispatch(
    sumSplitsKey(sum),
    () => sumSplitsWgsl(sum),
    [parts, ...(bias ? [bias] : []), ...(residual ? [residual] : []), o.out],
    params(M, N, splits, whole, across, cut, o.add ? 1 : 0),
    grid((cut * tileM * tileN) / 4),
  );
  gpu.disposeData(parts.dataId);
}

function variantOf(o: TileProduct, { tile, whole, splits }: TileChoice): TileVariant {
  const { M, N, K } = o;
  const split = splits > 1 && whole < tileCount(tile, o) ? (whole > 0 ? 'tail' : 'all') : undefined;
  return {
    tileM: tile[0],
    tileN: tile[1],
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
    bias: o.bias !== undefined && split !== 'all',
    residual: o.residual !== undefined && split !== 'all',
    alignedC: N % 4 === 0,
    split,
  };
}

/** What the product gets on this GPU: by rule, or as the tuner found. */
export function chooseTile(gpu: GpuBackend, o: TileProduct): TileChoice {
  // A tail is written by the same dispatch as the whole tiles, which takes a binding more.
  const bindings = tileBindings(variantOf(o, { tile: [64, 64], whole: 0, splits: 1 })).length + 1;
  return tileChoices(gpu).choose(o, bindings <= gpu.gpu.limits.maxStorageBuffersPerShaderStage);
}
