/** Short causal convolution from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

export function shortConvReference(u: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  const [batch, length, width] = u.shape;
  const taps = kernel.shape[1];
  const padded = tf.pad(u, [
    [0, 0],
    [taps - 1, 0],
    [0, 0],
  ]);
  const terms = Array.from({ length: taps }, (_, tap) =>
    tf.mul(
      tf.slice(padded, [0, tap, 0], [batch, length, width]),
      tf.reshape(tf.slice(kernel, [0, tap], [width, 1]), [width]),
    ),
  );
  return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Tensor3D;
}
