/** Bench cases of norms and activations: rows of tokens, each value or row by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { dropout, gelu, layerNorm, rmsNorm, silu, swiglu } from '../ops/index.ts';
import { dropoutReference } from '../ops/dropout/reference.ts';
import { geluReference } from '../ops/gelu/reference.ts';
import { layerNormReference } from '../ops/layer-norm/reference.ts';
import { rmsNormReference } from '../ops/rms-norm/reference.ts';
import { siluReference } from '../ops/silu/reference.ts';
import { hashKey } from '../random.ts';
import type { BenchSizes, CaseGroup } from './cases.ts';

const EPS = 1e-5;
const DROPPED = 0.1;

export function elementwiseCases({ batch, length, width: D }: BenchSizes): CaseGroup {
  const rows = batch * length;
  const hidden = [rows, 3 * D];
  const key = hashKey('bench');
  return {
    cases: [
      {
        name: 'rmsNorm',
        shapes: [[rows, D], [D]],
        fused: (x, w) => rmsNorm(x, w as tf.Tensor1D, EPS),
        composed: (x, w) => rmsNormReference(x, w as tf.Tensor1D, EPS),
      },
      {
        name: 'layerNorm',
        gpuOnly: true,
        shapes: [[rows, D], [D], [D]],
        fused: (x, w, b) => layerNorm(x, w as tf.Tensor1D, b as tf.Tensor1D, EPS),
        composed: (x, w, b) => layerNormReference(x, w as tf.Tensor1D, b as tf.Tensor1D, EPS),
      },
      { name: 'silu', shapes: [hidden], fused: silu, composed: siluReference },
      {
        name: 'gelu',
        gpuOnly: true,
        shapes: [hidden],
        fused: x => gelu(x, 'tanh'),
        composed: x => geluReference(x, 'tanh'),
      },
      {
        name: 'swiglu',
        gpuOnly: true,
        shapes: [hidden, hidden],
        fused: swiglu,
        // Not swigluReference, whose silu is our kernel.
        composed: (a, b) => tf.mul(siluReference(a), b),
      },
      {
        name: 'dropout',
        shapes: [[rows, D]],
        fused: x => dropout(x, DROPPED, key),
        composed: x => tf.mul(x, maskLike(x, key)),
      },
    ],
    dispose: () => undefined,
  };
}

/** Drawn on the processor and uploaded, as tfjs draws random numbers. */
function maskLike({ size, shape }: tf.Tensor, key: number): tf.Tensor {
  const mask = new Float32Array(size);
  dropoutReference(mask, new Float32Array(size).fill(1), DROPPED, key);
  return tf.tensor(mask, shape);
}
