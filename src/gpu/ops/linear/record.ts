/** What a linear layer records on webgpu: thin products for few rows, shared tiles for many, quads' tiles in software. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Binding, GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { operandBindings, type PackedWeight, type WeightFormat } from '../../packed/index.ts';
import { halfProducts, recordHalf, takesHalves } from '../matmul/record-half.ts';
import { recordProduct } from '../matmul/product.ts';
import { recordQuad } from '../matmul/record-quad.ts';
import type { MatrixOperand, Product } from '../matmul/operands.ts';
import { recordTile } from '../matmul/record-tile.ts';
import { gradientSoFar } from '../../patches/tape.ts';
import type { LinearAttrs, LinearInputs, LoraBranch } from './op.ts';
import { thinLinear, type ThinOptions } from './raw.ts';
import {
  BRANCH_SUM_WGSL,
  branchPartsWgsl,
  NARROW,
  SUM_ROWS,
  timesNarrowWgsl,
  type NarrowForm,
} from './branch.wgsl.ts';

/** Most rows of x for which reading the weights again for every eight of them (software: four) is faster than tiles. */
const THIN_ROWS = { software: 2, hardware: 64 };

const thinRows = (gpu: GpuBackend): number => THIN_ROWS[gpu.software ? 'software' : 'hardware'];

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

/** x Wᵀ + bias + scaling · (x Aᵀ) Bᵀ + residual, and of a layer with a branch x Aᵀ, [M, rank]. */
export function forward(
  gpu: GpuBackend,
  { x, a, b, bias, residual }: LinearInputs<tf.TensorInfo>,
  { weight, scaling }: LinearAttrs,
): tf.TensorInfo[] {
  const out = gpu.alloc([x.shape[0], weight.rows]);
  const low = a && timesFew(gpu, x, a);
  const lora = low && { low, up: b!, rank: a.shape[0], scaling };
  recordForward(gpu, x, frozen(weight), out, { bias, lora, residual, halves: halfProducts(gpu) });
  return low ? [out, low] : [out];
}

/** scaling · dy B, [M, rank]: the gradient by x Aᵀ. */
export function lowGradient(gpu: GpuBackend, dy: tf.TensorInfo, { b, scaling }: Lora): tf.TensorInfo {
  const [M, N] = dy.shape;
  const rank = b.shape[1];
  const out = gpu.alloc([M, rank]);
  if (gpu.software) {
    recordQuad(gpu, {
      M,
      N: rank,
      K: N,
      a: { data: [dy], along: false },
      b: { data: [b], along: true },
      scale: scaling,
      out,
    });
    return out;
  }
  const form: NarrowForm = { rows: 4, aligned: rank % 4 === 0 };
  gpu.dispatch(
    `narrow ${JSON.stringify(form)}`,
    () => timesNarrowWgsl(form),
    [dy, b, out],
    params(M, N, rank, { f32: scaling }),
    [Math.ceil(M / form.rows), Math.ceil(rank / NARROW), 1],
  );
  return out;
}

/** dy W + dLow A, plus the gradient that another layer of the same input gave. */
export function gradInput(
  gpu: GpuBackend,
  dy: tf.TensorInfo,
  weight: PackedWeight,
  dLow: tf.TensorInfo | null,
  lora: Lora | null,
): tf.TensorInfo {
  const residual = gradientSoFar();
  const out = gpu.alloc([dy.shape[0], weight.columns]);
  const branch = lora && { low: dLow!, down: lora.a };
  const more = { lora: branch ?? undefined, residual: residual ?? undefined, halves: halfProducts(gpu) };
  recordBackward(gpu, dy, frozen(weight), out, more);
  return out;
}

/**
 * The gradients by A, [rank, K], and by B, [N, rank].
 * @param low  x Aᵀ
 * @param dLow  `lowGradient`
 */
export function gradBranch(
  gpu: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  low: tf.TensorInfo,
  dLow: tf.TensorInfo,
  scaling: number,
): [a: tf.TensorInfo, b: tf.TensorInfo] {
  const [M, K] = x.shape;
  const N = dy.shape[1];
  const rank = low.shape[1];
  const [a, b] = [gpu.alloc([rank, K]), gpu.alloc([N, rank])];
  if (gpu.software) {
    const along = (matrix: tf.TensorInfo): MatrixOperand => ({ data: [matrix], along: true });
    recordQuad(gpu, { M: rank, N: K, K: M, a: along(dLow), b: along(x), out: a });
    recordQuad(gpu, { M: N, N: rank, K: M, a: along(dy), b: along(low), scale: scaling, out: b });
    return [a, b];
  }
  const chunks = Math.ceil(M / SUM_ROWS);
  const parts = gpu.alloc([chunks, rank, K + N]);
  const variant = { alignedX: K % 4 === 0, alignedDy: N % 4 === 0 };
  gpu.dispatch(
    `lora-parts ${JSON.stringify(variant)}`,
    () => branchPartsWgsl(variant),
    [dLow, low, x, dy, parts],
    params(M, rank, K, N),
    [Math.ceil((Math.ceil(K / 4) + Math.ceil(N / 4)) / 64), chunks, Math.ceil(rank / NARROW)],
  );
  const numbers = params(rank, K, N, chunks, { f32: scaling });
  gpu.dispatch('lora-sum', BRANCH_SUM_WGSL, [parts, a, b], numbers, grid(rank * (K + N)));
  gpu.disposeData(parts.dataId);
  return [a, b];
}

/** x fewᵀ, [M, rank]: on a GPU as a thin product of which x is the weight. */
function timesFew(gpu: GpuBackend, x: tf.TensorInfo, few: tf.TensorInfo): tf.TensorInfo {
  const [M, columns] = x.shape;
  const rank = few.shape[0];
  const out = gpu.alloc([M, rank]);
  if (gpu.software) {
    recordProduct(gpu, x, few, out, { M, N: rank, K: columns, transposeB: true });
    return out;
  }
  const matrix: FrozenMatrix = { rows: M, columns, format: 'f32', data: [x] };
  recordThin(gpu, matrix, { rows: rank, flip: true }, { x_words: few, y: out });
  return out;
}

/** out = x Wᵀ (+ what `o` says) for a weight of any format and any number of rows. */
export function recordForward(
  gpu: GpuBackend,
  x: tf.TensorInfo,
  weight: FrozenMatrix,
  out: Binding,
  o: {
    bias?: Binding;
    residual?: Binding;
    lora?: { low: Binding; up: Binding; rank: number; scaling: number };
    /** Many rows are multiplied as float16, where weight and device allow it. */
    halves?: boolean;
  } = {},
): void {
  const [M, K] = x.shape;
  const { lora, bias, residual } = o;
  if (M <= thinRows(gpu)) {
    recordThin(
      gpu,
      weight,
      { rows: M, bias: bias !== undefined, residual: residual !== undefined, lora },
      {
        x_words: x,
        bias,
        residual,
        low: lora?.low,
        up: lora?.up,
        y: out,
      },
    );
    return;
  }
  recordTall(gpu, o.halves, {
    M,
    N: weight.rows,
    K,
    a: { data: [x], along: false },
    b: { data: weight.data, format: weight.format, along: false },
    second: lora && { a: lora.low, b: lora.up, along: false, rank: lora.rank, scaling: lora.scaling },
    bias,
    residual,
    out,
  });
}

/** out = dy W (+ low down) (+ residual), or with `add` on top of what `out` holds. */
export function recordBackward(
  gpu: GpuBackend,
  dy: tf.TensorInfo,
  weight: FrozenMatrix,
  out: Binding,
  o: {
    add?: boolean;
    lora?: { low: tf.TensorInfo; down: tf.TensorInfo };
    residual?: tf.TensorInfo;
    halves?: boolean;
  } = {},
): void {
  const M = dy.shape[0];
  const { rows: N, columns: K, format, data } = weight;
  const { lora, residual, add = false } = o;
  recordTall(gpu, o.halves, {
    M,
    N: K,
    K: N,
    a: { data: [dy], along: false },
    b: { data, format, along: true },
    second: lora && { a: lora.low, b: lora.down, along: true, rank: lora.down.shape[0], scaling: 1 },
    residual,
    out,
    add,
  });
}

function recordTall(gpu: GpuBackend, halves: boolean | undefined, product: Product): void {
  if (gpu.software) recordQuad(gpu, product);
  else if (halves && product.M > thinRows(gpu) && takesHalves(gpu, product)) recordHalf(gpu, product);
  else recordTile(gpu, product);
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
