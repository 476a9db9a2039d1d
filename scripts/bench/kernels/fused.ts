/**
 * What stands between the matrices of a layer, at the shapes of LFM2-VL-450M. All of it waits for memory: the bytes are those
 * that must be read and written once, n values at a time. Gradients are by what training needs them, not by frozen gains.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  gatedConv,
  headRotary,
  layerNorm,
  randomNormal,
  swiglu,
  TokenSequences,
} from '../../../src/gpu/index.ts';
import { TOKENS, type Add } from './report.ts';

const [BATCH, LENGTH, WIDTH, MLP, HEAD] = [8, TOKENS / 8, 1024, 4608, 64];
/** Width of the vision tower, whose norms have a mean. */
const VISION = 768;

export async function benchFused(add: Add): Promise<void> {
  await benchSwiglu(add);
  const sequences = TokenSequences.padded(BATCH, LENGTH);
  await benchGatedConv(add, sequences);
  await benchHeadRotary(add, sequences);
  await benchLayerNorm(add);
}

async function benchSwiglu(add: Add): Promise<void> {
  const [a, b, dy] = [1, 2, 3].map(key => randomNormal([TOKENS, MLP], key, 1));
  const n = 4 * a.size;
  await add('swiglu forward', 20, () => void swiglu(a, b), { bytes: 3 * n });
  const grads = tf.grads((a, b) => swiglu(a, b));
  // Backward reads a, b and dy and writes da and db.
  await add('swiglu forward and backward', 10, () => void grads([a, b], dy), { bytes: (3 + 5) * n });
  tf.dispose([a, b, dy]);
}

async function benchGatedConv(add: Add, sequences: TokenSequences): Promise<void> {
  const bcx = randomNormal([TOKENS, 3 * WIDTH], 1, 1) as tf.Tensor2D;
  const kernel = randomNormal([WIDTH, 3], 2, 1) as tf.Tensor2D;
  const dy = randomNormal([TOKENS, WIDTH], 3, 1);
  const n = 4 * dy.size;
  await add('gatedConv forward', 20, () => void gatedConv(bcx, kernel, sequences), { bytes: 4 * n });
  const byInput = tf.grad(x => gatedConv(x as tf.Tensor2D, kernel, sequences));
  // Backward reads the three of bcx and dy and writes three.
  await add('gatedConv forward and backward by bcx', 10, () => void byInput(bcx, dy), {
    bytes: (4 + 7) * n,
  });
  tf.dispose([bcx, kernel, dy]);
}

async function benchHeadRotary(add: Add, sequences: TokenSequences): Promise<void> {
  const [x, dy] = [1, 2].map(key => randomNormal([TOKENS, WIDTH], key, 1) as tf.Tensor2D);
  const [cos, sin] = [3, 4].map(key => randomNormal([LENGTH, HEAD], key, 1) as tf.Tensor2D);
  const gain = tf.ones([HEAD]) as tf.Tensor1D;
  const n = 4 * x.size;
  const run = (x: tf.Tensor): tf.Tensor =>
    headRotary(x as tf.Tensor2D, { cos, sin, sequences, norm: { gain, eps: 1e-5 } });
  await add('headRotary forward', 20, () => void run(x), { bytes: 2 * n });
  const byX = tf.grad(run);
  await add('headRotary forward and backward by x', 10, () => void byX(x, dy), { bytes: (2 + 3) * n });
  tf.dispose([x, dy, cos, sin, gain]);
}

async function benchLayerNorm(add: Add): Promise<void> {
  const [x, dy] = [1, 2].map(key => randomNormal([TOKENS, VISION], key, 1));
  const [gain, bias] = [tf.ones([VISION]), tf.zeros([VISION])] as tf.Tensor1D[];
  const n = 4 * x.size;
  const run = (x: tf.Tensor): tf.Tensor => layerNorm(x, gain, bias, 1e-6);
  await add('layerNorm forward', 20, () => void run(x), { bytes: 2 * n });
  const byX = tf.grad(run);
  await add('layerNorm forward and backward by x', 10, () => void byX(x, dy), { bytes: (2 + 3) * n });
  tf.dispose([x, dy, gain, bias]);
}
