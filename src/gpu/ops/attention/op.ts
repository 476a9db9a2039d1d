/** Scaled dot-product attention over whole sequences, with grouped heads, and its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import * as heap from './heap.ts';
import { forwardWgsl, gradKeyWgsl, gradQueryWgsl } from './kernel.wgsl.ts';
import { forwardQuadWgsl, gradKeyQuadWgsl, gradQueryQuadWgsl, QUAD_ROWS, quadFits } from './quad.wgsl.ts';

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
  const out = gpu.alloc(o.q.shape);
  record(gpu, 'attention', { row: forwardWgsl, quad: forwardQuadWgsl }, [o.q, o.k, o.v, out], o, o.q);
  return out;
}

function backward(
  gpu: GpuBackend,
  o: heap.Heads,
  out: tf.TensorInfo,
  dy: tf.TensorInfo,
): [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo] {
  const [dq, dk, dv] = [o.q, o.k, o.v].map(x => gpu.alloc(x.shape));
  const stats = gpu.alloc([tf.util.sizeFromShape(o.q.shape.slice(0, 3)), 2]);
  const byQuery = { row: gradQueryWgsl, quad: gradQueryQuadWgsl };
  const byKey = { row: gradKeyWgsl, quad: gradKeyQuadWgsl };
  record(gpu, 'attention-dq', byQuery, [o.q, o.k, o.v, out, dy, dq, stats], o, o.q);
  record(gpu, 'attention-dkv', byKey, [o.q, o.k, o.v, dy, stats, dk, dv], o, o.k);
  gpu.disposeData(stats.dataId);
  return [dq, dk, dv];
}

/** One row of `rows` [B, heads, T, dh] a thread, or four threads where there are subgroups and no reason against. */
function record(
  gpu: GpuBackend,
  name: string,
  code: { row: (d: number) => string; quad: (d: number) => string },
  bindings: tf.TensorInfo[],
  o: heap.Heads,
  rows: tf.TensorInfo,
): void {
  const [, heads, queries, d] = o.q.shape;
  const [, kvHeads, keys] = o.k.shape;
  const [batch, rowHeads, length] = rows.shape;
  const count = batch * rowHeads * length;
  const numbers = params(heads, kvHeads, queries, keys, o.causal ? 1 : 0, count, { f32: o.scale });
  const most = gpu.gpu.limits.maxComputeWorkgroupsPerDimension;
  const quad =
    !gpu.software &&
    gpu.gpu.features.includes('subgroups') &&
    quadFits(d) &&
    keys >= queries &&
    batch * rowHeads <= most;
  const kind = quad ? 'quad' : 'row';
  const groups: [number, number, number] = quad
    ? [Math.ceil(length / QUAD_ROWS), batch * rowHeads, 1]
    : [Math.ceil(count / 64), 1, 1];
  gpu.dispatch(`${name}-${kind}-${d}`, () => code[kind](d), bindings, numbers, groups);
}
