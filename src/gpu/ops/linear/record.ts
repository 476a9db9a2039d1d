/** What a linear layer records on webgpu: thin products for few rows, shared tiles for many, register tiles in software. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Binding, GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { operandBindings, type PackedWeight, type WeightFormat } from '../../packed/index.ts';
import { recordTile } from '../matmul/record-tile.ts';
import { recordProduct } from '../matmul/product.ts';
import type { LinearAttrs, LinearInputs, LoraBranch } from './op.ts';
import { packedGradientWgsl } from './packed.wgsl.ts';
import { thinLinear, type ThinOptions } from './raw.ts';
import { SKINNY_SUM_WGSL, SUM_ROWS, NARROW, skinnyWgsl } from './skinny.wgsl.ts';

/** Most rows of x for which reading the weights again for every eight of them is faster than tiles. */
const THIN_ROWS = 64;

type Lora = Pick<LoraBranch, 'scaling'> & { a: tf.TensorInfo; b: tf.TensorInfo };

/** A matrix that takes no gradient: a packed weight, or rows of one. */
export interface FrozenMatrix {
  rows: number;
  columns: number;
  format: WeightFormat;
  /** Words, then the scales of integer formats. */
  data: Binding[];
}

export function frozen(weight: PackedWeight): FrozenMatrix {
  const { rows, columns, format } = weight;
  return { rows, columns, format, data: weight.buffers() };
}

/** x Wᵀ + bias + scaling · (x Aᵀ) Bᵀ. */
export function forward(
  gpu: GpuBackend,
  { x, a, b, bias }: LinearInputs<tf.TensorInfo>,
  { weight, scaling }: LinearAttrs,
): tf.TensorInfo {
  const out = gpu.alloc([x.shape[0], weight.rows]);
  const low = a && timesFew(gpu, x, a);
  const lora = low && { low, up: b!, rank: a.shape[0], scaling };
  recordForward(gpu, x, frozen(weight), out, { bias, lora });
  if (low) gpu.disposeData(low.dataId);
  return out;
}

/** dy B, [M, rank]: the gradient by x Aᵀ, without the scaling. */
export function lowGradient(gpu: GpuBackend, dy: tf.TensorInfo, { b }: Lora): tf.TensorInfo {
  const [N, rank] = b.shape;
  const flipped = gpu.alloc([rank, N]);
  // The sum over one chunk, flipped: a transpose.
  gpu.dispatch(
    'skinny-sum',
    SKINNY_SUM_WGSL,
    [b, flipped],
    params(N, rank, 1, 1, { f32: 1 }),
    grid(N * rank),
  );
  const out = timesFew(gpu, dy, flipped);
  gpu.disposeData(flipped.dataId);
  return out;
}

/** dy W + scaling · dLow A. */
export function gradInput(
  gpu: GpuBackend,
  dy: tf.TensorInfo,
  weight: PackedWeight,
  dLow: tf.TensorInfo | null,
  lora: Lora | null,
): tf.TensorInfo {
  const out = gpu.alloc([dy.shape[0], weight.columns]);
  const branch = lora && { low: dLow!, down: lora.a, scaling: lora.scaling };
  recordBackward(gpu, dy, frozen(weight), out, { lora: branch ?? undefined });
  return out;
}

/** Gradient by A, [rank, K]. */
export function gradDown(gpu: GpuBackend, x: tf.TensorInfo, dLow: tf.TensorInfo, lora: Lora): tf.TensorInfo {
  return skinny(gpu, dLow, x, lora.scaling, false);
}

/** Gradient by B, [N, rank]; x Aᵀ is computed again rather than kept. */
export function gradUp(gpu: GpuBackend, dy: tf.TensorInfo, x: tf.TensorInfo, lora: Lora): tf.TensorInfo {
  const low = timesFew(gpu, x, lora.a);
  const grad = skinny(gpu, low, dy, lora.scaling, true);
  gpu.disposeData(low.dataId);
  return grad;
}

/** x fewᵀ, [M, rank]: as a thin product of which x is the weight. */
function timesFew(gpu: GpuBackend, x: tf.TensorInfo, few: tf.TensorInfo): tf.TensorInfo {
  const [M, columns] = x.shape;
  const rank = few.shape[0];
  const out = gpu.alloc([M, rank]);
  const matrix: FrozenMatrix = { rows: M, columns, format: 'f32', data: [x] };
  recordThin(gpu, matrix, { rows: rank, flip: true }, { x_words: few, y: out });
  return out;
}

/** scaling · lowᵀ x, [rank, columns]; with `flip` its transpose. */
function skinny(
  gpu: GpuBackend,
  low: tf.TensorInfo,
  x: tf.TensorInfo,
  scaling: number,
  flip: boolean,
): tf.TensorInfo {
  const [M, columns] = x.shape;
  const rank = low.shape[1];
  const chunks = Math.ceil(M / SUM_ROWS);
  const parts = gpu.alloc([chunks, rank, columns]);
  const aligned = columns % 4 === 0;
  gpu.dispatch(`skinny-${aligned}`, () => skinnyWgsl(aligned), [low, x, parts], params(M, rank, columns), [
    Math.ceil(columns / 256),
    chunks,
    Math.ceil(rank / NARROW),
  ]);
  const out = gpu.alloc(flip ? [columns, rank] : [rank, columns]);
  const numbers = params(rank, columns, chunks, flip ? 1 : 0, { f32: scaling });
  gpu.dispatch('skinny-sum', SKINNY_SUM_WGSL, [parts, out], numbers, grid(rank * columns));
  gpu.disposeData(parts.dataId);
  return out;
}

/** out = x Wᵀ (+ what `o` says) for a weight of any format and any number of rows. */
export function recordForward(
  gpu: GpuBackend,
  x: tf.TensorInfo,
  weight: FrozenMatrix,
  out: Binding,
  o: { bias?: Binding; lora?: { low: Binding; up: Binding; rank: number; scaling: number } } = {},
): void {
  const [M, K] = x.shape;
  const { lora, bias } = o;
  if (gpu.software && weight.format === 'f32' && !lora && !bias) {
    recordProduct(gpu, x, weight.data[0], out, { M, N: weight.rows, K, transposeB: true });
    return;
  }
  if (gpu.software || M <= THIN_ROWS) {
    recordThin(
      gpu,
      weight,
      { rows: M, bias: bias !== undefined, lora },
      {
        x_words: x,
        bias,
        low: lora?.low,
        up: lora?.up,
        y: out,
      },
    );
    return;
  }
  recordTile(gpu, {
    M,
    N: weight.rows,
    K,
    a: { data: [x], along: false },
    b: { data: weight.data, format: weight.format, along: false },
    second: lora && { a: lora.low, b: lora.up, along: false, rank: lora.rank, scaling: lora.scaling },
    bias,
    out,
  });
}

/** out = dy W (+ low a · scaling), or with `add` on top of what `out` holds. */
export function recordBackward(
  gpu: GpuBackend,
  dy: tf.TensorInfo,
  weight: FrozenMatrix,
  out: Binding,
  o: { add?: boolean; lora?: { low: tf.TensorInfo; down: tf.TensorInfo; scaling: number } } = {},
): void {
  const M = dy.shape[0];
  const { rows: N, columns: K, format, data } = weight;
  const { lora, add = false } = o;
  if (!gpu.software) {
    recordTile(gpu, {
      M,
      N: K,
      K: N,
      a: { data: [dy], along: false },
      b: { data, format, along: true },
      second: lora && {
        a: lora.low,
        b: lora.down,
        along: true,
        rank: lora.down.shape[0],
        scaling: lora.scaling,
      },
      out,
      add,
    });
    return;
  }
  if (lora) {
    const [rank] = lora.down.shape;
    const scaled = gpu.alloc(lora.down.shape);
    const numbers = params(rank, K, 1, 0, { f32: lora.scaling });
    gpu.dispatch('skinny-sum', SKINNY_SUM_WGSL, [lora.down, scaled], numbers, grid(rank * K));
    recordProduct(gpu, lora.low, scaled, out, { M, N: K, K: rank, add });
    gpu.disposeData(scaled.dataId);
  }
  if (format === 'f32') {
    recordProduct(gpu, dy, data[0], out, { M, N: K, K: N, add: lora !== undefined || add });
    return;
  }
  const variant = { format, aligned: K % 4 === 0 };
  gpu.dispatch(
    `linear-dx-${format}-${variant.aligned}`,
    () => packedGradientWgsl(variant),
    [dy, ...data, out],
    params(M, N, K, lora || add ? 1 : 0),
    [Math.ceil(K / 256), Math.ceil(M / 4), 1],
  );
}

function recordThin(
  gpu: GpuBackend,
  weight: FrozenMatrix,
  o: ThinOptions,
  named: Record<string, Binding | undefined>,
): void {
  const kernel = thinLinear(gpu, weight, o);
  operandBindings({ name: 'w', format: weight.format }).forEach((name, i) => (named[name] = weight.data[i]));
  const bindings = kernel.bindings.map(name => named[name]!);
  gpu.dispatch(kernel.key, kernel.code, bindings, kernel.params, kernel.groups);
}
