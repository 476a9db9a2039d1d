/** Each head's RMSNorm, then its rotation by the row's position: what stands before attention, in one pass. On webgpu alone. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, grid, params } from '../../fused.ts';
import { GRAD_ROWS, recordRows } from '../rows.wgsl.ts';
import { scaleWgsl } from '../rms-norm/kernel.wgsl.ts';
import type { TokenSequences } from '../token-sequences.ts';
import { forwardWgsl, gradGainWgsl, gradXWgsl } from './kernel.wgsl.ts';

export interface HeadRotaryOptions {
  /** Positions, at least as many as the sequences reach, by headSize; both halves hold the same angles. No gradient. */
  cos: tf.Tensor2D;
  sin: tf.Tensor2D;
  /** Row t of a sequence stands at position t, after those of what it continues. */
  sequences: TokenSequences;
  /** The gain, [headSize], and what is added to the mean square; without them heads are only rotated. */
  norm?: { gain: tf.Tensor1D; eps: number };
}

interface Attrs {
  sequences: TokenSequences;
  headSize: number;
  eps: number;
}

const runNormed = fuse<'x' | 'gain' | 'cos' | 'sin', Attrs>({
  name: 'HeadNormRotary',
  inputs: ['x', 'gain', 'cos', 'sin'],
  cheap: true,
  webgpu: (gpu, { x, gain, cos, sin }, o) => {
    const y = gpu.alloc(x.shape);
    const code = (): string => forwardWgsl({ headSize: o.headSize, norm: true });
    record(gpu, `head-norm-rotary-${o.headSize}`, code, [x, gain, cos, sin, y], x, o);
    return y;
  },
  gradient: (dy, { x, gain, cos, sin }, o) => ({
    x: () => {
      const gpu = gpuBackend()!;
      const dx = gpu.tensor(x.shape);
      const code = (): string => gradXWgsl({ headSize: o.headSize, norm: true });
      record(gpu, `head-norm-rotary-dx-${o.headSize}`, code, [x, gain, cos, sin, dy, dx], x, o);
      return dx;
    },
    gain: () => gradGain(gpuBackend()!, dy, x, cos, sin, o),
    cos: () => tf.zerosLike(cos),
    sin: () => tf.zerosLike(sin),
  }),
});

const runRotary = fuse<'x' | 'cos' | 'sin', Attrs>({
  name: 'HeadRotary',
  inputs: ['x', 'cos', 'sin'],
  cheap: true,
  webgpu: (gpu, { x, cos, sin }, o) => {
    const y = gpu.alloc(x.shape);
    const code = (): string => forwardWgsl({ headSize: o.headSize, norm: false });
    record(gpu, `head-rotary-${o.headSize}`, code, [x, cos, sin, y], x, o);
    return y;
  },
  gradient: (dy, { cos, sin }, o) => ({
    x: () => {
      const gpu = gpuBackend()!;
      const dx = gpu.tensor(dy.shape);
      const code = (): string => gradXWgsl({ headSize: o.headSize, norm: false });
      record(gpu, `head-rotary-dx-${o.headSize}`, code, [dy, cos, sin, dx], dy, o);
      return dx;
    },
    cos: () => tf.zerosLike(cos),
    sin: () => tf.zerosLike(sin),
  }),
});

/**
 * rotary(rmsNorm(head)) for every head of every row, in the half-split layout.
 *
 * @param x  [rows, heads · headSize], headSize even.
 * @returns the same shape.
 * @throws {RangeError} when sizes do not fit each other.
 */
export function headRotary(x: tf.Tensor2D, { cos, sin, sequences, norm }: HeadRotaryOptions): tf.Tensor2D {
  const [positions, headSize] = cos.shape;
  const fits = headSize % 2 === 0 && x.shape[1] % headSize === 0 && x.shape[0] === sequences.rows;
  if (!fits || positions < sequences.positions)
    throw new RangeError(
      `headRotary over ${sequences.rows} rows and ${sequences.positions} positions cannot take [${x.shape}] with angles [${cos.shape}].`,
    );
  if (!norm) return runRotary({ x, cos, sin }, { sequences, headSize, eps: 0 }) as tf.Tensor2D;
  const attrs = { sequences, headSize, eps: norm.eps };
  return runNormed({ x, gain: norm.gain, cos, sin }, attrs) as tf.Tensor2D;
}

function record(
  gpu: GpuBackend,
  key: string,
  code: () => string,
  bindings: tf.TensorInfo[],
  x: tf.TensorInfo,
  o: Attrs,
): void {
  const heads = headsOf(x, o);
  gpu.dispatch(key, code, [...bindings, o.sequences.table], numbers(x, o), grid(x.shape[0] * heads));
}

function gradGain(
  gpu: GpuBackend,
  dy: tf.Tensor,
  x: tf.Tensor,
  cos: tf.Tensor,
  sin: tf.Tensor,
  o: Attrs,
): tf.Tensor {
  const heads = x.shape[0] * headsOf(x, o);
  const chunks = Math.ceil(heads / GRAD_ROWS);
  const r = gpu.tensor([heads]);
  const byHead: tf.TensorInfo = { dataId: x.dataId, dtype: x.dtype, shape: [heads, o.headSize] };
  recordRows(gpu, 'rms-norm-scale', scaleWgsl, [byHead, r], byHead, o.eps);
  const parts = gpu.tensor([chunks, o.headSize]);
  const bindings = [x, r, cos, sin, dy, parts, o.sequences.table];
  const groups: [number, number, number] = [Math.ceil(o.headSize / 64), chunks, 1];
  const key = `head-norm-rotary-dgain-${o.headSize}`;
  gpu.dispatch(key, () => gradGainWgsl(o.headSize), bindings, numbers(x, o), groups);
  return tf.sum(parts, 0);
}

function headsOf(x: tf.TensorInfo, { headSize }: Attrs): number {
  return x.shape[1] / headSize;
}

function numbers(x: tf.TensorInfo, o: Attrs): Uint32Array {
  return params(x.shape[0], headsOf(x, o), o.sequences.count, { f32: o.eps });
}
