/** Bench cases of products with matrices and look-ups in tables: layers, embedding, log-probabilities, sampling. */
import * as tf from '@tensorflow/tfjs-core';
import { embed, linear, sampleTokens, tokenLogProbs } from '../ops/index.ts';
import { sampleReference } from '../ops/sample-tokens/reference.ts';
import { PackedWeight } from '../packed/index.ts';
import { hashKey, normalArray } from '../random.ts';
import { readTensor } from '../read.ts';
import type { BenchSizes, CallCase, CaseGroup, GradientCase } from './cases.ts';

const RANK = 8;
const SCALING = 2;

export function productCases(sizes: BenchSizes): CaseGroup {
  const { batch: B, length: T, width: D, vocabulary: V } = sizes;
  const ids = tf.tensor1d(
    Int32Array.from({ length: B * T }, (_, i) => (i * 7919) % V),
    'int32',
  );
  const weight = PackedWeight.pack(normalArray(1, 3 * D * D, 0, 0.1), 3 * D, D, 'f16');
  const stored = weight.floats();
  const sampling = samplingCase(sizes);
  return {
    cases: [
      {
        name: 'embed',
        shapes: [[V, D]],
        fused: e => embed(e as tf.Tensor2D, ids),
        composed: e => tf.gather(e, ids),
      },
      {
        name: 'tokenLogProbs',
        shapes: [
          [B * T, D],
          [V, D],
        ],
        fused: (h, e) => tokenLogProbs(h as tf.Tensor2D, e as tf.Tensor2D, ids, 1).logps,
        composed: null,
      },
      {
        name: 'matMul',
        shapes: [
          [B * T, D],
          [D, 3 * D],
        ],
        fused: (a, b) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
        composed: null,
      },
      layerCase(`linear f16 LoRA, ${B * T} rows`, B * T, weight, stored),
      layerCase(`linear f16 LoRA, ${B} rows`, B, weight, stored),
      sampling.case,
    ],
    dispose: () => {
      weight.dispose();
      tf.dispose([ids, stored]);
      sampling.dispose();
    },
  };
}

/** A frozen layer with its LoRA; stock ops have the weight's values as an f32 tensor, and tf.matMul is our kernel for both. */
function layerCase(name: string, rows: number, weight: PackedWeight, stored: tf.Tensor2D): GradientCase {
  const [N, K] = weight.shape;
  return {
    name,
    shapes: [
      [rows, K],
      [RANK, K],
      [N, RANK],
    ],
    fused: (x, a, b) =>
      linear(x as tf.Tensor2D, weight, {
        lora: { a: a as tf.Tensor2D, b: b as tf.Tensor2D, scaling: SCALING },
      }),
    composed: (x, a, b) => {
      const low = tf.mul(tf.matMul(x, a, false, true), SCALING);
      return tf.add(tf.matMul(x, stored, false, true), tf.matMul(low, b, false, true));
    },
  };
}

/** A token of every sequence; the composition reads the logits back and draws on the processor, as wasm does. */
function samplingCase({ batch: B, width: D, vocabulary: V }: BenchSizes): {
  case: CallCase;
  dispose(): void;
} {
  const hidden = tf.tensor2d(normalArray(1, B * D), [B, D]);
  const head = tf.tensor2d(normalArray(2, V * D, 0, 1 / Math.sqrt(D)), [V, D]);
  const o = {
    keys: Uint32Array.from({ length: B }, (_, i) => hashKey('bench', i)),
    temperature: 1,
    topK: 50,
    topP: 0.95,
    minP: null,
    banned: Int32Array.of(0),
  };
  return {
    case: {
      name: 'sampleTokens',
      gpuOnly: true,
      fused: async () => (await sampleTokens(hidden, head, o)).tokens,
      composed: async () => {
        const logits = tf.matMul(hidden, head, false, true);
        const values = (await readTensor(logits)) as Float32Array;
        logits.dispose();
        return sampleReference(values, V, o).tokens;
      },
    },
    dispose: () => tf.dispose([hidden, head]),
  };
}
