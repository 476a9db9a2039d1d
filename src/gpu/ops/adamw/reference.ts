/** AdamW from stock tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import type { AdamWOptions } from './op.ts';

export function adamWReference(
  w: tf.Variable,
  grad: tf.Tensor,
  m: tf.Variable,
  v: tf.Variable,
  o: AdamWOptions,
): void {
  tf.tidy(() => {
    const g = tf.mul(grad, o.gradScale);
    m.assign(tf.add(tf.mul(m, o.beta1), tf.mul(g, 1 - o.beta1)));
    v.assign(tf.add(tf.mul(v, o.beta2), tf.mul(tf.square(g), 1 - o.beta2)));
    const mean = tf.div(m, 1 - o.beta1 ** o.step);
    const deviation = tf.sqrt(tf.div(v, 1 - o.beta2 ** o.step));
    const step = tf.div(mean, tf.add(deviation, o.epsilon));
    const decayed = tf.mul(w, 1 - o.learningRate * o.weightDecay);
    w.assign(tf.sub(decayed, tf.mul(step, o.learningRate)));
  });
}
