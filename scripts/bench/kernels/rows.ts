/** Large cases of one tensor in and one out: norm, activation, log-probabilities of a vocabulary, the optimizer. */
import * as tf from '@tensorflow/tfjs-core';
import { adamWStep, randomNormal, rmsNorm, silu, tokenLogProbs } from '../../../src/gpu/index.ts';
import { TOKENS, type Add } from './report.ts';

export async function benchRows(add: Add): Promise<void> {
  const x = randomNormal([TOKENS, 1024], 1, 1);
  const gain = tf.ones([1024]) as tf.Tensor1D;
  const bytes = 2 * x.size * 4;
  await add('rmsNorm forward', 20, () => void rmsNorm(x, gain, 1e-5), { bytes });
  const norm = tf.grad(x => rmsNorm(x, gain, 1e-5));
  await add('rmsNorm forward and backward by x', 10, () => void norm(x, x), { bytes: 2.5 * bytes });
  await add('silu forward', 20, () => void silu(x), { bytes });
  tf.dispose([x, gain]);

  const [rows, D, V] = [8 * 32, 1024, 65536];
  const hidden = randomNormal([rows, D], 2, 1) as tf.Tensor2D;
  const head = randomNormal([V, D], 3, 0.02) as tf.Tensor2D;
  const ids = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, i) => i * 97),
    'int32',
  );
  const flops = 2 * rows * D * V;
  await add(
    `tokenLogProbs of ${rows} among ${V}, forward`,
    3,
    () => void tokenLogProbs(hidden, head, ids, 1),
    { flops },
  );
  const byHidden = tf.grad(h => tokenLogProbs(h as tf.Tensor2D, head, ids, 1).logps);
  await add(`tokenLogProbs, forward and backward by hidden`, 3, () => void byHidden(hidden), {
    flops: 3 * flops,
  });
  tf.dispose([hidden, head, ids]);
}

export async function benchOptimizer(add: Add): Promise<void> {
  const size = 2 ** 24;
  const variables = [1, 2, 3].map(key => tf.variable(randomNormal([size], key, key === 3 ? 0 : 1)));
  const [w, m, v] = variables;
  const grad = randomNormal([size], 5, 1);
  const o = {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    step: 1,
    gradScale: 1,
  };
  await add(`adamW of ${size} weights`, 10, () => adamWStep(w, grad, m, v, o), { bytes: 7 * 4 * size });
  tf.dispose([...variables, grad]);
}
