/** Scaled dot-product attention over rows of tokens, within sequences and what they continue, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, grid, params } from '../../fused.ts';
import { tensorOf } from '../../internals.ts';
import type { TokenSequences } from '../token-sequences.ts';
import { attentionByHead, byHead, byRow } from './by-head.ts';
import { forwardWgsl, gradKeyWgsl, gradQueryWgsl } from './kernel.wgsl.ts';
import { forwardQuadWgsl, gradKeyQuadWgsl, gradQueryQuadWgsl, QUAD_ROWS, quadFits } from './quad.wgsl.ts';
import {
  forwardSquareWgsl,
  gradKeySquareWgsl,
  gradQuerySquareWgsl,
  SQUARE_ROWS,
  squareFits,
} from './square.wgsl.ts';

export interface AttentionOptions {
  /** Which rows are one sequence's. */
  sequences: TokenSequences;
  headSize: number;
  /** A row sees its own sequence up to itself, not beyond. What its sequence continues it sees whole. */
  causal: boolean;
  /** Usually 1/√headSize. */
  scale: number;
}

type Inputs = Record<'q' | 'k' | 'v', tf.TensorInfo>;

const run = fuse<'q' | 'k' | 'v', AttentionOptions>({
  name: 'Attention',
  inputs: ['q', 'k', 'v'],
  keepsOutput: true,
  webgpu: forward,
  gradient: (dy, inputs, o, output, stats) => {
    const [q, k, v] = backward(gpuBackend()!, inputs, o, output, stats, dy).map(grad => tensorOf(grad));
    return { q: () => q, k: () => k, v: () => v };
  },
});

/**
 * softmax(scale · q kᵀ + mask) v for each head.
 *
 * @param q  [rows, H · headSize].
 * @param k  [rows, Hk · headSize] with H a multiple of Hk; query head h uses key-value head ⌊h / (H / Hk)⌋.
 * @param v  as k.
 * @returns [rows, H · headSize].
 * @throws {RangeError} when rows or heads do not fit each other; on wasm also when a sequence continues another one or they
 *   differ in length, which their layout takes apart for `attentionByHead`.
 */
export function attention(q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, o: AttentionOptions): tf.Tensor2D {
  const { sequences, headSize } = o;
  const [heads, kvHeads] = [q.shape[1] / headSize, k.shape[1] / headSize];
  const fits = Number.isInteger(kvHeads) && heads % kvHeads === 0;
  if (!fits || [q, k, v].some(x => x.shape[0] !== sequences.rows))
    throw new RangeError(
      `attention over ${sequences.rows} rows by heads of ${headSize} cannot take queries [${q.shape}] with keys [${k.shape}].`,
    );
  if (gpuBackend()) return run({ q, k, v }, o) as tf.Tensor2D;
  if (!sequences.even) throw new RangeError('On wasm attention takes sequences of one length.');
  const shape = { batch: sequences.count, length: sequences.longest };
  return tf.tidy(() => {
    const [queries, keys, values] = [q, k, v].map(x => byHead(x, shape, headSize));
    return byRow(attentionByHead(queries, keys, values, o));
  });
}

/** The result, and of each query's head two numbers: its log-sum-exp, and room for what the backward pass adds. */
function forward(gpu: GpuBackend, { q, k, v }: Inputs, o: AttentionOptions): tf.TensorInfo[] {
  const out = gpu.alloc(q.shape);
  const stats = gpu.alloc([q.shape[0], q.shape[1] / o.headSize, 2]);
  const code = { row: forwardWgsl, quad: forwardQuadWgsl, square: forwardSquareWgsl };
  record(gpu, 'attention', code, [q, k, v, out, stats], o, q);
  return [out, stats];
}

function backward(
  gpu: GpuBackend,
  { q, k, v }: Inputs,
  o: AttentionOptions,
  out: tf.TensorInfo,
  stats: tf.TensorInfo,
  dy: tf.TensorInfo,
): tf.TensorInfo[] {
  const [dq, dk, dv] = [q, k, v].map(x => gpu.alloc(x.shape));
  const byQuery = { row: gradQueryWgsl, quad: gradQueryQuadWgsl, square: gradQuerySquareWgsl };
  const byKey = { row: gradKeyWgsl, quad: gradKeyQuadWgsl, square: gradKeySquareWgsl };
  record(gpu, 'attention-dq', byQuery, [q, k, v, out, dy, dq, stats], o, q);
  record(gpu, 'attention-dkv', byKey, [q, k, v, dy, stats, dk, dv], o, k);
  return [dq, dk, dv];
}

/**
 * The form of the kernels: a head of a row a thread; where there are subgroups and no reason against, four threads, or in
 * software four rows by four.
 */
type Form = 'row' | 'quad' | 'square';

function formOf({ software, gpu }: GpuBackend, { headSize, sequences }: AttentionOptions): Form {
  const most = gpu.limits.maxComputeWorkgroupsPerDimension;
  if (!gpu.features.includes('subgroups')) return 'row';
  if (software) return squareFits(headSize) && sequences.blocks(SQUARE_ROWS).count <= most ? 'square' : 'row';
  return quadFits(headSize) && sequences.count <= most ? 'quad' : 'row';
}

/** @param rows  the tensor whose rows' heads the threads have */
function record(
  gpu: GpuBackend,
  name: string,
  code: Record<Form, (d: number) => string>,
  [q, k, ...others]: tf.TensorInfo[],
  o: AttentionOptions,
  rows: tf.TensorInfo,
): void {
  const { sequences, headSize: d, causal, scale } = o;
  const [heads, kvHeads, rowHeads] = [q, k, rows].map(x => x.shape[1] / d);
  const form = formOf(gpu, o);
  const { table, first, count } =
    form === 'square' ? sequences.blocks(SQUARE_ROWS) : { table: sequences.table, first: 0, count: 0 };
  const groups: Record<Form, [number, number, number]> = {
    row: grid(sequences.rows * rowHeads),
    quad: [Math.ceil(sequences.longest / QUAD_ROWS), rowHeads, sequences.count],
    square: [count, rowHeads, 1],
  };
  const size = params(sequences.rows, heads, kvHeads, sequences.count, causal ? 1 : 0, { f32: scale }, first);
  const bindings = [q, k, ...others, table];
  gpu.dispatch(`${name}-${form}-${d}`, () => code[form](d), bindings, size, groups[form]);
}
