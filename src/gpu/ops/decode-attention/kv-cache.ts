/** Keys and values of the tokens so far, for a batch of sequences that are decoded together. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import type { WasmBackend } from '../../internals.ts';
import { FORK_WGSL } from './kernel.wgsl.ts';

/** On webgpu two tensors written in place; elsewhere two plain arrays. Both [sequences, kvHeads, capacity, headDim]. */
type Store =
  | { kind: 'gpu'; backend: GpuBackend; k: tf.Tensor4D; v: tf.Tensor4D }
  | { kind: 'array'; k: Float32Array; v: Float32Array };

export class KvCache {
  private constructor(
    readonly sequences: number,
    readonly kvHeads: number,
    /** Positions a sequence can have. */
    readonly capacity: number,
    readonly headDim: number,
    /** For decodeAttention only. */
    readonly store: Store,
  ) {}

  /** An empty cache. */
  static create(sequences: number, kvHeads: number, capacity: number, headDim: number): KvCache {
    const shape: [number, number, number, number] = [sequences, kvHeads, capacity, headDim];
    const backend = gpuBackend();
    const store: Store = backend
      ? { kind: 'gpu', backend, k: tf.keep(tf.fill(shape, 0)), v: tf.keep(tf.fill(shape, 0)) }
      : { kind: 'array', k: new Float32Array(size(shape)), v: new Float32Array(size(shape)) };
    return new KvCache(...shape, store);
  }

  /**
   * A cache that begins with what a prefill computed.
   * @param k  [P, Hk, T, dh]; not kept.
   * @param v  as k.
   * @param capacity  at least T.
   */
  static fromPrefill(k: tf.Tensor4D, v: tf.Tensor4D, capacity: number): KvCache {
    const [sequences, kvHeads, length, headDim] = k.shape;
    if (capacity < length) throw new RangeError(`A cache of ${capacity} positions cannot hold ${length}.`);
    const backend = gpuBackend();
    if (!backend) {
      const cache = KvCache.create(sequences, kvHeads, capacity, headDim);
      if (cache.store.kind === 'array') {
        spread(heapView(k), cache.store.k, length * headDim, capacity * headDim);
        spread(heapView(v), cache.store.v, length * headDim, capacity * headDim);
      }
      return cache;
    }
    const grow = (x: tf.Tensor4D): tf.Tensor4D =>
      tf.keep(
        tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, capacity - length],
          [0, 0],
        ]),
      );
    return new KvCache(sequences, kvHeads, capacity, headDim, {
      kind: 'gpu',
      backend,
      k: grow(k),
      v: grow(v),
    });
  }

  /** A new cache whose row i is a copy of this one's row rows[i]: prompts shared by a group, or sequences still alive. */
  fork(rows: Int32Array): KvCache {
    const shape: [number, number, number, number] = [rows.length, this.kvHeads, this.capacity, this.headDim];
    const row = size(shape) / rows.length;
    const { store } = this;
    if (rows.some(r => r < 0 || r >= this.sequences)) {
      throw new RangeError(`fork rows must lie in 0 … ${this.sequences - 1}, got ${rows.join(', ')}.`);
    }
    if (store.kind === 'array') {
      const copy = (from: Float32Array): Float32Array => {
        const to = new Float32Array(size(shape));
        rows.forEach((r, i) => to.set(from.subarray(r * row, (r + 1) * row), i * row));
        return to;
      };
      return new KvCache(...shape, { kind: 'array', k: copy(store.k), v: copy(store.v) });
    }
    const { backend } = store;
    const copy = (from: tf.Tensor4D): tf.Tensor4D => {
      const to = tf.keep(backend.tensor<tf.Rank.R4>(shape));
      const params = new Uint32Array([row, 0, 0, 0]);
      backend.dispatch('kv-fork', FORK_WGSL, [from, to, rows], params, [Math.ceil(row / 64), rows.length, 1]);
      return to;
    };
    return new KvCache(...shape, { kind: 'gpu', backend, k: copy(store.k), v: copy(store.v) });
  }

  dispose(): void {
    if (this.store.kind === 'gpu') tf.dispose([this.store.k, this.store.v]);
  }
}

/** The tensor's values in the wasm heap; valid until the next allocation. */
export function heapView(x: tf.Tensor): Float32Array {
  return (tf.backend() as WasmBackend).typedArrayFromHeap(x) as Float32Array;
}

function size(shape: number[]): number {
  return tf.util.sizeFromShape(shape);
}

/** Copies rows of `width` to rows of `stride`. */
function spread(from: Float32Array, to: Float32Array, width: number, stride: number): void {
  for (let row = 0; row * width < from.length; row++) {
    to.set(from.subarray(row * width, (row + 1) * width), row * stride);
  }
}
