/** Token log-probabilities from stock tfjs ops, a chunk of rows at a time. */
import * as tf from '@tensorflow/tfjs-core';

/** Elements of a logits chunk. 4 M floats are 16 MB: large enough for full speed, small enough for a phone. */
const CHUNK_ELEMENTS = 4_194_304;

/**
 * Row 0 the log-probabilities, row 1 the entropies, so that one custom gradient can give both.
 * @returns [2, N].
 */
export function tokenLogProbsReference(
  hidden: tf.Tensor2D,
  head: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): tf.Tensor2D {
  const run = tf.customGrad((...args) => {
    const [h, e, t] = args as tf.Tensor[] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    save([h, e, t]);
    return {
      value: forward(h, e, t, temperature),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [h, e, t] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        return [...backward(dy as tf.Tensor2D, h, e, t, temperature), tf.zeros(t.shape)];
      },
    };
  });
  return run(hidden, head, targets) as tf.Tensor2D;
}

function chunks(rows: number, vocabulary: number): [number, number][] {
  const size = Math.max(1, Math.floor(CHUNK_ELEMENTS / vocabulary));
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, i) => [i * size, Math.min(size, rows - i * size)]);
}

function scaledLogits(h: tf.Tensor2D, e: tf.Tensor2D, temperature: number): tf.Tensor2D {
  return tf.matMul(temperature === 1 ? h : tf.div(h, temperature), e, false, true);
}

function forward(h: tf.Tensor2D, e: tf.Tensor2D, targets: tf.Tensor1D, temperature: number): tf.Tensor2D {
  const parts = chunks(h.shape[0], e.shape[0]).map(([start, size]) =>
    tf.tidy(() => {
      const logits = scaledLogits(tf.slice(h, [start, 0], [size, -1]), e, temperature);
      const probabilities = tf.softmax(logits);
      // The largest probability is at least 1/V, so this logarithm is exact where softmax underflows elsewhere.
      const lse = tf.sub(tf.max(logits, 1), tf.log(tf.max(probabilities, 1)));
      const chosen = tf.sum(tf.mul(logits, oneHot(targets, start, size, e.shape[0])), 1);
      const entropy = tf.sub(lse, tf.sum(tf.mul(probabilities, logits), 1));
      return tf.stack([tf.sub(chosen, lse), entropy]);
    }),
  );
  return tf.concat(parts, 1) as tf.Tensor2D;
}

function backward(
  dy: tf.Tensor2D,
  h: tf.Tensor2D,
  e: tf.Tensor2D,
  targets: tf.Tensor1D,
  temperature: number,
): [tf.Tensor2D, tf.Tensor2D] {
  const dHidden: tf.Tensor2D[] = [];
  let dHead: tf.Tensor2D = tf.zerosLike(e);
  for (const [start, size] of chunks(h.shape[0], e.shape[0])) {
    const [dh, sum] = tf.tidy(() => {
      const rows = tf.slice(h, [start, 0], [size, -1]);
      const probabilities = tf.softmax(scaledLogits(rows, e, temperature));
      const weight = tf.div(tf.reshape(tf.slice(dy, [0, start], [1, size]), [size, 1]), temperature);
      const dLogits = tf.mul(
        tf.sub(oneHot(targets, start, size, e.shape[0]), probabilities),
        weight,
      ) as tf.Tensor2D;
      return [tf.matMul(dLogits, e), tf.add(dHead, tf.matMul(dLogits, rows, true, false)) as tf.Tensor2D];
    });
    dHead.dispose();
    dHead = sum;
    dHidden.push(dh);
  }
  return [tf.concat(dHidden, 0), dHead];
}

function oneHot(targets: tf.Tensor1D, start: number, size: number, depth: number): tf.Tensor2D {
  // Not oneHot's own dtype argument: tfjs-backend-wasm ignores it and labels integers as floats.
  return tf.cast(tf.oneHot(tf.slice(targets, start, size), depth), 'float32') as tf.Tensor2D;
}
