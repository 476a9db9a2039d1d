/** SAPO: a sigmoid gate in the place of the clip, with a temperature for each sign of the advantage. arXiv 2511.20347 */
import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from './loss.ts';
import { perRowMean } from './shares.ts';

export const sapo: Loss = {
  name: 'sapo',
  perToken: ({ config, ratio, advantages, advantageOf }) => {
    const temperature = tf.tensor1d(
      advantageOf.map(a => (a > 0 ? config.sapo_temperature_pos : config.sapo_temperature_neg)),
    );
    const gate = tf.sigmoid(tf.mul(temperature, tf.sub(ratio, 1)));
    return tf.neg(tf.mul(gate, tf.mul(advantages, tf.div(4, temperature))));
  },
  shares: perRowMean,
  readings: () => [],
};
