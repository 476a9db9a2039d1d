/** Scaled dot-product attention over whole sequences, with grouped heads, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import * as heap from './heap.ts';
import { forwardWgsl, gradKeyWgsl, gradQueryWgsl } from './kernel.wgsl.ts';

export interface AttentionOptions {
  /** Query i of Tq sees keys 0 … Tk - Tq + i. Right padding is then exact for real tokens. */
  causal: boolean;
  /** Usually 1/√dh. */
  scale: number;
}

const run = fuse({
  name: 'Attention',
  inputs: ['q', 'k', 'v'],
  keepsOutput: true,
  webgpu: (gpu, inputs, { scale, causal }) => forward(gpu, { ...inputs, scale, causal: causal === 1 }),
  wasm: (wasm, inputs, { scale, causal }) => heap.forward(wasm, { ...inputs, scale, causal: causal === 1 }),
  gradient: (dy, inputs, { scale, causal }, output) => {
    const gpu = gpuBackend();
    const heads = { ...inputs, scale, causal: causal === 1 };
    const grads = gpu
      ? backward(gpu, heads, output, dy)
      : heap.backward(tf.backend() as WasmBackend, heads, output, dy);
    const [q, k, v] = grads.map(grad => tensorOf(grad));
    return { q: () => q, k: () => k, v: () => v };
  },
});

/**
 * softmax(scale · q kᵀ + mask) v for each head.
 *
 * @param q  [B, H, Tq, dh].
 * @param k  [B, Hk, Tk, dh] with H a multiple of Hk; query head h uses kv head ⌊h / (H / Hk)⌋.
 * @param v  as k.
 * @returns [B, H, Tq, dh].
 * @throws {RangeError} when the heads do not divide, or a causal query would see no key.
 */
export function attention(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, o: AttentionOptions): tf.Tensor4D {
  if (q.shape[1] % k.shape[1] !== 0 || (o.causal && k.shape[2] < q.shape[2])) {
    throw new RangeError(`attention cannot take queries [${q.shape}] with keys [${k.shape}].`);
  }
  return run({ q, k, v }, { scale: o.scale, causal: o.causal ? 1 : 0 }) as tf.Tensor4D;
}

function forward(gpu: GpuBackend, o: heap.Heads): tf.TensorInfo {
  const d = o.q.shape[3];
  const out = gpu.alloc(o.q.shape);
  const count = tf.util.sizeFromShape(o.q.shape) / d;
  record(gpu, `attention-${d}`, () => forwardWgsl(d), [o.q, o.k, o.v, out], o, count);
  return out;
}

function backward(
  gpu: GpuBackend,
  o: heap.Heads,
  out: tf.TensorInfo,
  dy: tf.TensorInfo,
): [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo] {
  const d = o.q.shape[3];
  const [dq, dk, dv] = [o.q, o.k, o.v].map(x => gpu.alloc(x.shape));
  const queries = tf.util.sizeFromShape(o.q.shape) / d;
  const keys = tf.util.sizeFromShape(o.k.shape) / d;
  const stats = gpu.alloc([queries, 2]);
  record(gpu, `attention-dq-${d}`, () => gradQueryWgsl(d), [o.q, o.k, o.v, out, dy, dq, stats], o, queries);
  record(gpu, `attention-dkv-${d}`, () => gradKeyWgsl(d), [o.q, o.k, o.v, dy, stats, dk, dv], o, keys);
  gpu.disposeData(stats.dataId);
  return [dq, dk, dv];
}

function record(
  gpu: GpuBackend,
  key: string,
  code: () => string,
  bindings: tf.TensorInfo[],
  o: heap.Heads,
  count: number,
): void {
  const [, heads, queries] = o.q.shape;
  const [, kvHeads, keys] = o.k.shape;
  const numbers = params(heads, kvHeads, queries, keys, o.causal ? 1 : 0, count, { f32: o.scale });
  gpu.dispatch(key, code, bindings, numbers, [Math.ceil(count / 64), 1, 1]);
}
