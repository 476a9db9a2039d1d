/** Token log-probabilities from stock tfjs ops, a chunk of rows at a time. */
import * as tf from '@tensorflow/tfjs-core';

/** Elements of a logits chunk. 4 M floats are 16 MB: large enough for full speed, small enough for a phone. */
const CHUNK_ELEMENTS = 4_194_304;

/** @returns [3, N]: log-probabilities, entropies, log-sum-exps. */
export function forwardReference(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const parts = chunks(hidden.shape[0], head.shape[0]).map(([start, size]) =>
      tf.tidy(() => {
        const logits = scaledLogits(tf.slice(hidden, [start, 0], [size, -1]), head, temperature);
        const probabilities = tf.softmax(logits);
        // The largest probability is at least 1/V, so this logarithm is exact where softmax underflows elsewhere.
        const lse = tf.sub(tf.max(logits, 1), tf.log(tf.max(probabilities, 1)));
        const chosen = tf.sum(tf.mul(logits, oneHot(targets, start, size, head.shape[0])), 1);
        const entropy = tf.sub(lse, tf.sum(tf.mul(probabilities, logits), 1));
        return tf.stack([tf.sub(chosen, lse), entropy, lse]);
      }),
    );
    return tf.concat(parts, 1) as tf.Tensor2D;
  });
}

/** Gradient of Σ dy · (logps, entropies) by the hidden states. `dy` is [3, N], of which row 2 does not count. */
export function gradHiddenReference(
  dy: tf.Tensor,
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const parts = chunks(hidden.shape[0], head.shape[0]).map(([start, size]) =>
      tf.tidy(() => tf.matMul(gradLogits(dy, hidden, head, targets, temperature, start, size)[0], head)),
    );
    return tf.concat(parts, 0) as tf.Tensor2D;
  });
}

/** Gradient of Σ dy · (logps, entropies) by the head. */
export function gradHeadReference(
  dy: tf.Tensor,
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): tf.Tensor2D {
  return tf.tidy(() =>
    chunks(hidden.shape[0], head.shape[0]).reduce<tf.Tensor2D>(
      (sum, [start, size]) =>
        tf.tidy(() => {
          const [dLogits, rows] = gradLogits(dy, hidden, head, targets, temperature, start, size);
          return tf.add(sum, tf.matMul(dLogits, rows, true, false)) as tf.Tensor2D;
        }),
      tf.zerosLike(head),
    ),
  );
}

/** (dlogp · ([v = target] - p) - dH · p · (log p + H)) / T of some rows, and the rows. */
function gradLogits(
  dy: tf.Tensor,
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
  start: number,
  size: number,
): [tf.Tensor2D, tf.Tensor2D] {
  const rows = tf.slice(hidden, [start, 0], [size, -1]) as tf.Tensor2D;
  const logProbabilities = tf.logSoftmax(scaledLogits(rows, head, temperature));
  const probabilities = tf.exp(logProbabilities);
  const entropies = tf.neg(tf.sum(tf.mul(probabilities, logProbabilities), 1, true));
  const dyOf = (row: number) =>
    tf.div(tf.reshape(tf.slice(dy, [row, start], [1, size]), [size, 1]), temperature);
  const hit = oneHot(targets, start, size, head.shape[0]);
  const byLogp = tf.mul(tf.sub(hit, probabilities), dyOf(0));
  const byEntropy = tf.mul(tf.mul(probabilities, tf.add(logProbabilities, entropies)), dyOf(1));
  return [tf.sub(byLogp, byEntropy) as tf.Tensor2D, rows];
}

function chunks(rows: number, vocabulary: number): [number, number][] {
  const size = Math.max(1, Math.floor(CHUNK_ELEMENTS / vocabulary));
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, i) => [i * size, Math.min(size, rows - i * size)]);
}

function scaledLogits(rows: tf.Tensor2D, head: tf.Tensor2D, temperature: number): tf.Tensor2D {
  return tf.matMul(temperature === 1 ? rows : tf.div(rows, temperature), head, false, true);
}

function oneHot(targets: tf.Tensor1D, start: number, size: number, depth: number): tf.Tensor2D {
  // Not oneHot's own dtype argument: tfjs-backend-wasm ignores it and labels integers as floats.
  return tf.cast(tf.oneHot(tf.slice(targets, start, size), depth), 'float32') as tf.Tensor2D;
}
