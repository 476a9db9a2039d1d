/** The gated short convolution from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import { SEQUENCE_WORDS, type TokenSequences } from '../token-sequences.ts';

export function gatedConvReference(
  bcx: tf.Tensor2D,
  kernel: tf.Tensor2D,
  sequences: TokenSequences,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [gateIn, gateOut, x] = tf.split(bcx, 3, 1);
    const [size, taps] = kernel.shape;
    // Row 0 is what lies before a beginning.
    const table = tf.concat([tf.zeros([1, size]), tf.mul(gateIn, x)], 0);
    const terms = Array.from({ length: taps }, (_, l) => {
      const rows = rowsBack(sequences, taps - 1 - l).map(row => row + 1);
      const tap = tf.reshape(tf.slice(kernel, [0, l], [size, 1]), [size]);
      return tf.mul(tf.gather(table, tf.tensor1d(rows, 'int32')), tap);
    });
    const mixed = terms.reduce((sum, term) => tf.add(sum, term));
    return tf.mul(gateOut, mixed);
  });
}

/** For each row the one that lies `back` rows before it, or -1. */
function rowsBack({ table, count, rows }: TokenSequences, back: number): Int32Array {
  const all = new Int32Array(rows).fill(-1);
  for (let i = 0; i < count; i++) {
    const [first, length, pastFirst, pastLength] = table.subarray(i * SEQUENCE_WORDS);
    for (let t = 0; t < length; t++) {
      if (back <= t) all[first + t] = first + t - back;
      else if (back <= t + pastLength) all[first + t] = pastFirst + pastLength + t - back;
    }
  }
  return all;
}
