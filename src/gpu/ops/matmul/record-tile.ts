/** Records a product by shared tiles on a real GPU: which tile, and whether K is split over workgroups. */
import type { GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { productForm, productNumbers, readData, type Product } from './operands.ts';
import { sumSplitsKey, sumSplitsWgsl } from './sum-splits.wgsl.ts';
import { tileChoices } from './tile-choices.ts';
import { splitK, tileCount, type TileChoice } from './tile-rule.ts';
import { tileBindings, tileKey, tileWgsl, type TileVariant } from './tile.wgsl.ts';

/** out = a b (+ scaling · a2 b2) (+ bias) (+ residual), batch by batch. */
export function recordTile(gpu: GpuBackend, o: Product, choice = chooseTile(gpu, o)): void {
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
    [...readData(o, variant), ...(variant.split === 'all' ? [] : [o.out]), ...(parts ? [parts] : [])],
    params(...productNumbers(o), perSplit, splits, whole, across),
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

function variantOf(o: Product, { tile, whole, splits }: TileChoice): TileVariant {
  const split = splits > 1 && whole < tileCount(tile, o) ? (whole > 0 ? 'tail' : 'all') : undefined;
  const form = productForm(o);
  return {
    ...form,
    tileM: tile[0],
    tileN: tile[1],
    bias: form.bias && split !== 'all',
    residual: form.residual && split !== 'all',
    split,
  };
}

/** What the product gets on this GPU: by rule, or as the tuner found. */
export function chooseTile(gpu: GpuBackend, o: Product): TileChoice {
  // A tail is written by the same dispatch as the whole tiles, which takes a binding more.
  const bindings = tileBindings(variantOf(o, { tile: [64, 64], whole: 0, splits: 1 })).length + 1;
  return tileChoices(gpu).choose(o, bindings <= gpu.gpu.limits.maxStorageBuffersPerShaderStage);
}
