/**
 * Attention on the wasm heap: a head and a block of queries at a time, so that scores stay in the cache, keys that a causal
 * mask hides are not computed, and every product runs in XNNPACK. The backward pass recomputes the scores.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../../internals.ts';
import { HeapMath } from '../../wasm/heap-math.ts';

/** Queries of a block. */
const BLOCK = 128;

/** What a hidden score is set to before the softmax. */
const HIDDEN = -1e9;

export interface Heads {
  q: tf.TensorInfo;
  k: tf.TensorInfo;
  v: tf.TensorInfo;
  scale: number;
  causal: boolean;
}

/** One head's block: addresses on the heap, and how many keys its queries can see. */
interface Block {
  q: number;
  out: number;
  k: number;
  v: number;
  queries: number;
  keys: number;
  /** Keys that query `i` of the block sees. */
  seen(i: number): number;
}

export function forward(wasm: WasmBackend, o: Heads): tf.TensorInfo {
  const out = wasm.makeOutput(o.q.shape, 'float32');
  const d = o.q.shape[3];
  const heap = new HeapMath(wasm);
  const [keysT, scores] = [heap.alloc(d * o.k.shape[2]), heap.alloc(BLOCK * o.k.shape[2])];
  for (const block of blocks(wasm, o, out)) {
    softmaxScores(heap, block, d, o.scale, keysT, scores);
    heap.product(scores, block.v, block.out, block.queries, block.keys, d);
  }
  heap.free();
  return out;
}

/** Gradients by q, k and v, from the output and its gradient. */
export function backward(
  wasm: WasmBackend,
  o: Heads,
  out: tf.TensorInfo,
  dy: tf.TensorInfo,
): [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo] {
  const d = o.q.shape[3];
  const keys = o.k.shape[2];
  const grads = [o.q, o.k, o.v].map(x => wasm.makeOutput(x.shape, 'float32'));
  const heap = new HeapMath(wasm);
  const [keysT, scores, slopes] = [heap.alloc(d * keys), heap.alloc(BLOCK * keys), heap.alloc(BLOCK * keys)];
  const [valuesT, sums, rowsT] = [heap.alloc(d * keys), heap.alloc(d * keys), heap.alloc(BLOCK * d)];
  const at = (x: tf.TensorInfo): number => wasm.getMemoryOffset(x.dataId) >>> 0;
  for (const grad of grads.slice(1)) wasm.typedArrayFromHeap(grad).fill(0);
  const shift = (address: number, from: tf.TensorInfo, to: tf.TensorInfo): number =>
    address - at(from) + at(to);
  for (const block of blocks(wasm, o, out)) {
    const { queries, keys, q, k, v } = block;
    const dOut = shift(block.out, out, dy);
    softmaxScores(heap, block, d, o.scale, keysT, scores);
    transpose(heap, v, valuesT, keys, d, 1);
    heap.product(dOut, valuesT, slopes, queries, d, keys);
    scoreGradients(heap, { scores, slopes, out: block.out, dOut }, queries, keys, d, o.scale);
    heap.product(slopes, k, shift(q, o.q, grads[0]), queries, keys, d);
    transpose(heap, q, rowsT, queries, d, 1);
    heap.product(rowsT, slopes, sums, d, queries, keys);
    addTransposed(heap, sums, shift(k, o.k, grads[1]), keys, d);
    transpose(heap, dOut, rowsT, queries, d, 1);
    heap.product(rowsT, scores, sums, d, queries, keys);
    addTransposed(heap, sums, shift(v, o.v, grads[2]), keys, d);
  }
  heap.free();
  return grads as [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo];
}

function* blocks(wasm: WasmBackend, o: Heads, out: tf.TensorInfo): Generator<Block> {
  const [batch, heads, queries, d] = o.q.shape;
  const [, kvHeads, keys] = o.k.shape;
  const at = (x: tf.TensorInfo): number => wasm.getMemoryOffset(x.dataId) >>> 0;
  const [q, k, v, y] = [o.q, o.k, o.v, out].map(at);
  for (let pair = 0; pair < batch * heads; pair++) {
    const kv = Math.floor(pair / heads) * kvHeads + Math.floor(((pair % heads) * kvHeads) / heads);
    for (let start = 0; start < queries; start += BLOCK) {
      const count = Math.min(BLOCK, queries - start);
      const past = keys - queries + start;
      const offset = (pair * queries + start) * d * 4;
      yield {
        q: q + offset,
        out: y + offset,
        k: k + kv * keys * d * 4,
        v: v + kv * keys * d * 4,
        queries: count,
        keys: o.causal ? past + count : keys,
        seen: i => (o.causal ? past + i + 1 : keys),
      };
    }
  }
}

/** scores [queries, keys] = softmax(scale · q kᵀ), hidden ones 0. */
function softmaxScores(
  heap: HeapMath,
  block: Block,
  d: number,
  scale: number,
  keysT: number,
  scores: number,
): void {
  const { queries, keys, q, k, seen } = block;
  transpose(heap, k, keysT, keys, d, scale);
  heap.product(q, keysT, scores, queries, d, keys);
  const view = heap.view(scores, queries * keys);
  for (let i = 0; i < queries; i++) if (seen(i) < keys) view.fill(HIDDEN, i * keys + seen(i), (i + 1) * keys);
  heap.softmax(scores, queries, keys);
}

/** slopes = scale · scores · (slopes - Σ out · dOut): the softmax's gradient, row by row. */
function scoreGradients(
  heap: HeapMath,
  at: { scores: number; slopes: number; out: number; dOut: number },
  queries: number,
  keys: number,
  d: number,
  scale: number,
): void {
  const [p, s] = [heap.view(at.scores, queries * keys), heap.view(at.slopes, queries * keys)];
  const [y, dy] = [heap.view(at.out, queries * d), heap.view(at.dOut, queries * d)];
  for (let i = 0; i < queries; i++) {
    let dot = 0;
    for (let e = i * d; e < (i + 1) * d; e++) dot += y[e] * dy[e];
    for (let j = i * keys; j < (i + 1) * keys; j++) s[j] = scale * p[j] * (s[j] - dot);
  }
}

/** to [columns, rows] = factor · from [rows, columns]ᵀ. */
function transpose(
  heap: HeapMath,
  from: number,
  to: number,
  rows: number,
  columns: number,
  factor: number,
): void {
  const [x, y] = [heap.view(from, rows * columns), heap.view(to, rows * columns)];
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) y[c * rows + r] = factor * x[r * columns + c];
  }
}

/** to [rows, columns] += from [columns, rows]ᵀ. */
function addTransposed(heap: HeapMath, from: number, to: number, rows: number, columns: number): void {
  const [x, y] = [heap.view(from, rows * columns), heap.view(to, rows * columns)];
  for (let c = 0; c < columns; c++) {
    for (let r = 0; r < rows; r++) y[r * columns + c] += x[c * rows + r];
  }
}
