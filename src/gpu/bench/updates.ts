/** Bench cases of the optimizer: clipping by the global norm, and AdamW. */
import * as tf from '@tensorflow/tfjs-core';
import { adamWStep, clipGradients } from '../ops/index.ts';
import { adamWReference } from '../ops/adamw/reference.ts';
import { normalArray } from '../random.ts';
import { readTensor } from '../read.ts';
import type { BenchSizes, CallCase, CaseGroup } from './cases.ts';

const OPTIONS = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  step: 1,
  gradScale: 1,
};

const MAX_NORM = 1;

export function updateCases({ width: D, vocabulary: V }: BenchSizes): CaseGroup {
  const shapes = [
    [V, D],
    [3 * D, D],
    [D, D],
    [D, 3 * D],
  ];
  const grads = shapes.map((shape, i) =>
    tf.tensor(normalArray(20 + i, tf.util.sizeFromShape(shape), 0, 0.1), shape),
  );
  const adamW = adamWCase(grads[0]);
  return {
    cases: [
      adamW.case,
      {
        name: `clipGradients, ${grads.length} tensors`,
        fused: async () => {
          const clip = clipGradients(grads, MAX_NORM);
          const { norm } = await clip.read();
          clip.dispose();
          return [norm];
        },
        composed: async () => {
          const both = tf.tidy(() => {
            const norm = tf.sqrt(tf.addN(grads.map(grad => tf.sum(tf.square(grad)))));
            const factor = tf.minimum(1, tf.div(MAX_NORM, tf.add(norm, 1e-6)));
            return tf.stack([norm, factor]);
          });
          const [norm] = await readTensor(both);
          both.dispose();
          return [norm];
        },
      },
    ],
    dispose: () => {
      tf.dispose(grads);
      adamW.dispose();
    },
  };
}

/** Each side has weights and moments of its own, which every call moves on. */
function adamWCase(grad: tf.Tensor): { case: CallCase; dispose(): void } {
  const states: tf.Variable[][] = [];
  const calls = [adamWStep, adamWReference].map(step => {
    const [w, m, v] = tf.tidy(() => [
      tf.variable(tf.tensor(normalArray(1, grad.size), grad.shape)),
      tf.variable(tf.fill(grad.shape, 0)),
      tf.variable(tf.fill(grad.shape, 0)),
    ]);
    states.push([w, m, v]);
    return async (): Promise<ArrayLike<number>> => {
      step(w, grad, m, v, OPTIONS);
      const some = tf.tidy(() => tf.slice(tf.reshape(w, [-1]), 0, 8));
      const values = await readTensor(some);
      some.dispose();
      return values;
    };
  });
  return {
    case: { name: 'adamWStep', fused: calls[0], composed: calls[1] },
    dispose: () => tf.dispose(states),
  };
}
