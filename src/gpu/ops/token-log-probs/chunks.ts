/** The vocabulary chunk by chunk on webgpu: our matrix product makes a chunk of logits, small kernels consume it. */
import type * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { PackedWeight, ROW_ALIGNMENT } from '../../packed/index.ts';
import { recordBackward, recordForward, type FrozenMatrix } from '../linear/record.ts';
import { recordProduct } from '../matmul/product.ts';
import { FINISH_WGSL, foldWgsl, GRAD_LOGITS_WGSL } from './kernel.wgsl.ts';

/** Elements of a chunk of logits: 16 MB where memory is the host's, 64 MB on a GPU, to fill it. */
const CHUNK_ELEMENTS = { software: 4 * 2 ** 20, hardware: 16 * 2 ** 20 };

export interface Problem {
  hidden: tf.TensorInfo;
  /** A packed head takes no gradient. */
  head: tf.TensorInfo | PackedWeight;
  targets: tf.TensorInfo;
  temperature: number;
}

interface Chunk {
  start: number;
  size: number;
  /** These rows of the head. */
  rows: FrozenMatrix;
  /** [N, size], raw logits. */
  logits: tf.TensorInfo;
}

/** [3, N]: log-probabilities, entropies, log-sum-exps. */
export function forward(gpu: GpuBackend, o: Problem): tf.TensorInfo {
  const rows = o.hidden.shape[0];
  const stats = gpu.alloc([rows, 4]);
  const width = gpu.software ? 1 : 64;
  eachChunk(gpu, o, ({ start, size, logits }) => {
    const numbers = params(rows, size, start, start === 0 ? 1 : 0, { f32: o.temperature });
    const groups = grid(rows, gpu.software ? 16 : 1);
    gpu.dispatch(`lse-fold-${width}`, () => foldWgsl(width), [logits, o.targets, stats], numbers, groups);
  });
  const out = gpu.alloc([3, rows]);
  gpu.dispatch('lse-finish', FINISH_WGSL, [stats, out], params(rows), [Math.ceil(rows / 64), 1, 1]);
  gpu.disposeData(stats.dataId);
  return out;
}

/** Gradient by the hidden states: dLogits · head, summed over chunks. */
export function gradHidden(
  gpu: GpuBackend,
  o: Problem,
  output: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  const out = gpu.alloc(o.hidden.shape);
  eachChunk(gpu, o, chunk => {
    gradLogits(gpu, o, chunk, output, dy);
    recordBackward(gpu, chunk.logits, chunk.rows, out, { add: chunk.start > 0 });
  });
  return out;
}

/** Gradient by the head: dLogitsᵀ · hidden, chunk by chunk into its rows. */
export function gradHead(
  gpu: GpuBackend,
  o: Problem,
  output: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo {
  const [K, N] = o.hidden.shape;
  const out = gpu.alloc(o.head.shape);
  eachChunk(gpu, o, chunk => {
    gradLogits(gpu, o, chunk, output, dy);
    const [into] = rowsOf(out, chunk.start, chunk.size).data;
    recordProduct(gpu, chunk.logits, o.hidden, into, { M: chunk.size, N, K, transposeA: true });
  });
  return out;
}

function gradLogits(
  gpu: GpuBackend,
  o: Problem,
  chunk: Chunk,
  output: tf.TensorInfo,
  dy: tf.TensorInfo,
): void {
  const rows = o.hidden.shape[0];
  const numbers = params(rows, chunk.size, chunk.start, 0, { f32: o.temperature });
  const bindings = [chunk.logits, o.targets, output, dy];
  gpu.dispatch('lse-grad-logits', GRAD_LOGITS_WGSL, bindings, numbers, grid(rows * chunk.size));
}

function eachChunk(gpu: GpuBackend, o: Problem, use: (chunk: Chunk) => void): void {
  const M = o.hidden.shape[0];
  const vocabulary = o.head.shape[0];
  const wanted = Math.floor(CHUNK_ELEMENTS[gpu.software ? 'software' : 'hardware'] / M);
  const step = Math.max(ROW_ALIGNMENT, wanted - (wanted % ROW_ALIGNMENT));
  for (let start = 0; start < vocabulary; start += step) {
    const size = Math.min(step, vocabulary - start);
    const rows = rowsOf(o.head, start, size);
    const logits = gpu.alloc([M, size]);
    recordForward(gpu, o.hidden, rows, logits);
    use({ start, size, rows, logits });
    gpu.disposeData(logits.dataId);
  }
}

function rowsOf(matrix: tf.TensorInfo | PackedWeight, start: number, count: number): FrozenMatrix {
  const columns = matrix.shape[1];
  if (matrix instanceof PackedWeight)
    return { rows: count, columns, format: matrix.format, data: matrix.rowRange(start, count) };
  const part = { tensor: matrix, offset: start * columns * 4, size: count * columns * 4 };
  return { rows: count, columns, format: 'f32', data: [part] };
}
