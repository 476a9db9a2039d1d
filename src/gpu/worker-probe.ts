/** A worker of the tests: starts the backend it is asked for, computes a gradient with our kernels, and answers. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor, rmsNorm, startBackend } from './index.ts';

addEventListener('message', (event: MessageEvent<'wasm' | 'webgpu'>) => {
  void probe(event.data).then(
    answer => postMessage(answer),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});

async function probe(choice: 'wasm' | 'webgpu'): Promise<{ backend: string; gradient: number[] }> {
  const { backend } = await startBackend(choice);
  const weight = tf.ones<tf.Rank.R1>([2]);
  const gradient = tf.grad(x => tf.sum(rmsNorm(x, weight, 0)))(tf.tensor2d([[3, 4]]));
  return { backend, gradient: [...(await readTensor(gradient))] };
}
