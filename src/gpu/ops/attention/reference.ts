/** Softmax attention from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import type { AttentionByHeadOptions } from './by-head.ts';

/** Added to the scores of keys that a query must not see. Finite, so that a gradient never meets ∞ - ∞. */
const HIDDEN = -1e9;

export function attentionReference(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  o: AttentionByHeadOptions,
): tf.Tensor4D {
  const [batch, heads, queries, size] = q.shape;
  const [, kvHeads, keys] = k.shape;
  const group = heads / kvHeads;
  // Query heads that share a kv head lie side by side, so a reshape puts them in one product: no copy of k or v.
  const rows = [batch * kvHeads, group * queries, size] as const;
  const flat = (x: tf.Tensor4D): tf.Tensor3D => tf.reshape(x, [batch * kvHeads, keys, size]);
  const scaled = tf.mul(tf.reshape(q, [...rows]), o.scale) as tf.Tensor3D;
  let scores: tf.Tensor = tf.matMul(scaled, flat(k), false, true);
  if (o.causal) {
    const square = tf.reshape(scores, [batch * kvHeads * group, queries, keys]);
    scores = tf.reshape(tf.add(square, causalMask(queries, keys)), scores.shape);
  }
  const out = tf.matMul(tf.softmax(scores), flat(v));
  return tf.reshape(out, [batch, heads, queries, size]);
}

/** [queries, keys], HIDDEN above the diagonal; the last query sees the last key. */
function causalMask(queries: number, keys: number): tf.Tensor2D {
  const values = new Float32Array(queries * keys);
  for (let i = 0; i < queries; i++) values.fill(HIDDEN, i * keys + keys - queries + i + 1, (i + 1) * keys);
  return tf.tensor2d(values, [queries, keys]);
}
