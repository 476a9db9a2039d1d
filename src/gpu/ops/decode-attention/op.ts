/** One decode step of attention: writes this token's key and value into the cache in place, and attends over it. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../../internals.ts';
import { tensorOf } from '../../internals.ts';
import { decodeSoftwareWgsl, decodeWgsl } from './kernel.wgsl.ts';
import { heapView, type KvCache } from './kv-cache.ts';
import { decodeAttentionReference } from './reference.ts';

/** Threads of a workgroup on a real GPU, and keys of a tile. */
const TILE = 64;

/**
 * softmax(q kᵀ / √dh) v over the cached positions 0 … positions[s], the newest of which is written here. No gradient.
 *
 * @param q  [S, H, dh], any H that is a multiple of the cache's heads, any dh.
 * @param k  [S, Hk, dh] of this token.
 * @param v  as k.
 * @param positions  [S], where this token stands in its sequence.
 * @returns [S, H, dh].
 * @throws {RangeError} when a position does not fit the cache.
 */
export function decodeAttention(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  cache: KvCache,
  positions: Int32Array,
): tf.Tensor3D {
  const [sequences, heads, headDim] = q.shape;
  const { kvHeads, capacity, store } = cache;
  const full = positions.findIndex(p => p < 0 || p >= capacity);
  if (full >= 0) {
    throw new RangeError(`Sequence ${full} is at position ${positions[full]} of a cache of ${capacity}.`);
  }
  const pairs = sequences * heads;
  if (store.kind === 'gpu') {
    const { backend } = store;
    const out = backend.tensor<tf.Rank.R3>(q.shape);
    const params = new DataView(new ArrayBuffer(32));
    [heads, kvHeads, capacity, pairs].forEach((n, i) => params.setUint32(4 * i, n, true));
    params.setFloat32(16, 1 / Math.sqrt(headDim), true);
    const bindings = [q, k, v, store.k, store.v, positions, out];
    if (backend.software) {
      backend.dispatch(`decode-soft-${headDim}`, () => decodeSoftwareWgsl(headDim), bindings, params, [
        Math.ceil(pairs / 4),
        1,
        1,
      ]);
    } else {
      backend.dispatch(`decode-${headDim}`, () => decodeWgsl(headDim, TILE), bindings, params, [pairs, 1, 1]);
    }
    backend.touched(store.k);
    backend.touched(store.v);
    return out;
  }
  const wasm = tf.backend() as WasmBackend;
  const out = wasm.makeOutput(q.shape, 'float32');
  const shape = { sequences, heads, kvHeads, capacity, headDim };
  // Views come after the allocation, which may have moved the heap.
  const into = wasm.typedArrayFromHeap(out) as Float32Array;
  decodeAttentionReference(shape, heapView(q), heapView(k), heapView(v), store.k, store.v, positions, into);
  return tensorOf<tf.Rank.R3>(out);
}
