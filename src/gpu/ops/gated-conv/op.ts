/**
 * The mixer of LFM2's short-convolution blocks between its two linear layers: gate, causal depthwise convolution, gate; and its
 * gradients. Nothing is kept for the backward pass but the first layer's output.
 */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, params } from '../../fused.ts';
import type { TokenSequences } from '../token-sequences.ts';
import {
  forwardWgsl,
  GRAD_KERNEL_WGSL,
  GRAD_ROWS,
  gradInputWgsl,
  GROUP,
  type ConvForm,
} from './kernel.wgsl.ts';
import { gatedConvReference } from './reference.ts';

const run = fuse<'bcx' | 'kernel', { sequences: TokenSequences }>({
  name: 'GatedConv',
  inputs: ['bcx', 'kernel'],
  cheap: true,
  webgpu: (gpu, { bcx, kernel }, { sequences }) => {
    const y = gpu.alloc([bcx.shape[0], kernel.shape[0]]);
    record(gpu, 'gated-conv', forwardWgsl, [sequences.table, bcx, kernel, y], kernel, sequences);
    return y;
  },
  gradient: (dy, { bcx, kernel }, { sequences }) => ({
    bcx: () => gradInput(gpuBackend()!, dy, bcx, kernel, sequences),
    kernel: () => gradKernel(gpuBackend()!, dy, bcx, kernel, sequences),
  }),
});

/**
 * out[t] = C[t] ⊙ Σ_l kernel[:, l] ⊙ (B ⊙ x)[t - (L - 1) + l] along each sequence, from the end of what it continues on, with
 * zeros before that.
 *
 * @param bcx  [rows, 3 D]: B, C and x side by side.
 * @param kernel  [D, L], any L ≥ 1.
 * @param sequences  of those rows.
 * @returns [rows, D].
 * @throws {RangeError} when the shapes do not fit.
 */
export function gatedConv(bcx: tf.Tensor2D, kernel: tf.Tensor2D, sequences: TokenSequences): tf.Tensor2D {
  if (bcx.shape[1] !== 3 * kernel.shape[0] || bcx.shape[0] !== sequences.rows) {
    throw new RangeError(
      `gatedConv cannot take [${bcx.shape}] with a kernel [${kernel.shape}] and ${sequences.rows} rows of sequences.`,
    );
  }
  if (!gpuBackend()) return gatedConvReference(bcx, kernel, sequences);
  return run({ bcx, kernel }, { sequences }) as tf.Tensor2D;
}

function gradInput(
  gpu: GpuBackend,
  dy: tf.Tensor,
  bcx: tf.Tensor,
  kernel: tf.Tensor,
  sequences: TokenSequences,
): tf.Tensor {
  const dbcx = gpu.tensor(bcx.shape);
  const bindings = [sequences.table, bcx, kernel, dy, dbcx];
  record(gpu, 'gated-conv-dbcx', gradInputWgsl, bindings, kernel, sequences);
  return dbcx;
}

function record(
  gpu: GpuBackend,
  name: string,
  code: (form: ConvForm) => string,
  bindings: (tf.TensorInfo | Uint32Array)[],
  kernel: tf.TensorInfo,
  { longest, count, rows }: TokenSequences,
): void {
  const [size, taps] = kernel.shape;
  const form: ConvForm = { lanes: size % 4 === 0 ? 4 : 1, byRow: gpu.software };
  const width = size / form.lanes;
  gpu.dispatch(
    `${name} ${JSON.stringify(form)}`,
    () => code(form),
    bindings,
    params(width, taps, 0, rows, count),
    [
      Math.ceil(width / GROUP[0]),
      Math.ceil((form.byRow ? rows : longest) / GROUP[1]),
      form.byRow ? 1 : count,
    ],
  );
}

function gradKernel(
  gpu: GpuBackend,
  dy: tf.Tensor,
  bcx: tf.Tensor,
  kernel: tf.Tensor,
  { table, longest, count, rows }: TokenSequences,
): tf.Tensor {
  const [size, taps] = kernel.shape;
  const chunks = Math.ceil(longest / GRAD_ROWS);
  const parts = gpu.tensor([count * chunks, size, taps]);
  gpu.dispatch(
    'gated-conv-dk',
    GRAD_KERNEL_WGSL,
    [table, bcx, dy, parts],
    params(size, taps, chunks, rows, count),
    [Math.ceil((size * taps) / 64), chunks, count],
  );
  return tf.sum(parts, 0);
}
