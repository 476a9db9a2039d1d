/** What a linear layer records on webgpu: thin products for few rows, shared tiles for many, register tiles in software. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Binding, GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { operandBindings, PackedWeight } from '../../packed/index.ts';
import { recordTile } from '../matmul/record-tile.ts';
import { recordProduct } from '../matmul/product.ts';
import type { LinearAttrs, LinearInputs, LoraBranch } from './op.ts';
import { packedGradientWgsl } from './packed.wgsl.ts';
import { thinLinear, type ThinOptions } from './raw.ts';
import { SKINNY_SUM_WGSL, SUM_ROWS, NARROW, skinnyWgsl } from './skinny.wgsl.ts';

/** Most rows of x for which reading the weights again for every eight of them is faster than tiles. */
const THIN_ROWS = 64;

type Lora = Pick<LoraBranch, 'scaling'> & { a: tf.TensorInfo; b: tf.TensorInfo };

/** x Wᵀ + bias + scaling · (x Aᵀ) Bᵀ. */
export function forward(
  gpu: GpuBackend,
  { x, a, b, bias }: LinearInputs<tf.TensorInfo>,
  { weight, scaling }: LinearAttrs,
): tf.TensorInfo {
  const [M, K] = x.shape;
  const N = weight.rows;
  const out = gpu.alloc([M, N]);
  const lora = a && b ? { a, b, scaling } : null;
  const low = lora && timesFew(gpu, x, lora.a);
  if (gpu.software || M <= THIN_ROWS) {
    recordThin(
      gpu,
      weight,
      { rows: M, bias: bias !== undefined, lora: lora ? { rank: lora.a.shape[0], scaling } : undefined },
      { x_words: x, bias, low: low ?? undefined, up: lora?.b, y: out },
    );
  } else {
    recordTile(gpu, {
      M,
      N,
      K,
      a: { data: [x], along: false },
      b: { data: weight.buffers(), format: weight.format, along: false },
      second: lora ? { a: low!, b: lora.b, along: false, rank: lora.a.shape[0], scaling } : undefined,
      bias,
      out,
    });
  }
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
  const M = dy.shape[0];
  const [N, K] = weight.shape;
  const out = gpu.alloc([M, K]);
  const scaling = lora?.scaling ?? 0;
  if (!gpu.software) {
    recordTile(gpu, {
      M,
      N: K,
      K: N,
      a: { data: [dy], along: false },
      b: { data: weight.buffers(), format: weight.format, along: true },
      second: lora ? { a: dLow!, b: lora.a, along: true, rank: lora.a.shape[0], scaling } : undefined,
      out,
    });
    return out;
  }
  if (lora) {
    const scaled = gpu.alloc(lora.a.shape);
    const [rank] = lora.a.shape;
    const numbers = params(rank, K, 1, 0, { f32: scaling });
    gpu.dispatch('skinny-sum', SKINNY_SUM_WGSL, [lora.a, scaled], numbers, grid(rank * K));
    recordProduct(gpu, dLow!, scaled, out, { M, N: K, K: rank });
    gpu.disposeData(scaled.dataId);
  }
  const variant = { format: weight.format, aligned: K % 4 === 0 };
  gpu.dispatch(
    `linear-dx-${weight.format}-${variant.aligned}`,
    () => packedGradientWgsl(variant),
    [dy, ...weight.buffers(), out],
    params(M, N, K, lora ? 1 : 0),
    [Math.ceil(K / 256), Math.ceil(M / 4), 1],
  );
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
  recordThin(
    gpu,
    { rows: M, columns, format: 'f32' },
    { rows: rank, flip: true },
    {
      x_words: few,
      w_words: x,
      y: out,
    },
  );
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

function recordThin(
  gpu: GpuBackend,
  weight: PackedWeight | Pick<PackedWeight, 'rows' | 'columns' | 'format'>,
  o: ThinOptions,
  named: Record<string, Binding | undefined>,
): void {
  const kernel = thinLinear(gpu, weight, o);
  const words = weight instanceof PackedWeight ? weight.buffers() : [];
  operandBindings({ name: 'w', format: weight.format }).forEach((name, i) => (named[name] ??= words[i]));
  const bindings = kernel.bindings.map(name => named[name]!);
  gpu.dispatch(kernel.key, kernel.code, bindings, kernel.params, kernel.groups);
}
