/** Gradient checkpointing of whole policies: the same gradients from fewer bytes. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { readTensor, startBackend } from '../gpu/index.ts';
import { fixtureFiles } from './fixture-files.ts';
import { loadPolicy } from './load.ts';
import { readCases } from './parity/reference.ts';
import type { Policy, Sequence, TrainableSpec } from './policy.ts';

const SPECS: Record<'adapter' | 'all weights', TrainableSpec> = {
  adapter: { kind: 'lora', r: 3, alpha: 6, targets: null, useRslora: false, dropout: 0.3, seed: 1 },
  'all weights': { kind: 'full', vision: true },
};

/** Prompts with images; of the first, two completions that share its computation. */
async function sequencesOf(policy: Policy, files: Map<string, Blob>): Promise<Sequence[]> {
  const prompts = (await readCases(files)).map(({ messages, images }) => policy.prepare(messages, images));
  return [
    { prompt: prompts[0], completion: Int32Array.of(50, 60, 70) },
    { prompt: prompts[0], completion: Int32Array.of(51, 61) },
    { prompt: prompts[1], completion: Int32Array.of(52) },
  ];
}

interface Backward {
  gradients: Map<string, Float32Array>;
  peakBytes: number;
}

async function backward(policy: Policy, sequences: Sequence[], again: boolean): Promise<Backward> {
  policy.gradientCheckpointing = again;
  const variables = policy.trainable().map(({ variable }) => variable);
  let found: { value: tf.Scalar; grads: tf.NamedTensorMap };
  const { peakBytes } = await tf.profile(() => {
    found = tf.variableGrads(
      () => tf.sum(tf.tanh(policy.hidden(sequences, { dropoutKey: 5 }))) as tf.Scalar,
      variables,
    );
    return found.value;
  });
  const gradients = new Map<string, Float32Array>();
  for (const [name, grad] of Object.entries(found!.grads))
    gradients.set(name, (await readTensor(grad)) as Float32Array);
  tf.dispose([found!.value, ...Object.values(found!.grads)]);
  return { gradients, peakBytes };
}

test.each([
  ['lfm2_vl', 'all weights', 'wasm'],
  ['qwen3_vl', 'all weights', 'wasm'],
  // What computes again is the same on any backend: one family is enough where a test takes seconds.
  ['qwen3_vl', 'adapter', 'webgpu'],
] as const)(
  'checkpointing changes no bit of a gradient and holds less: %s, %s, on %s',
  async (family, trained, backend) => {
    await startBackend(backend);
    const files = await fixtureFiles(family);
    const policy = await loadPolicy({ files });
    policy.setTrainable(SPECS[trained]);
    // B is 0 in a fresh adapter, and A then has no gradient.
    for (const { name, variable } of policy.trainable())
      if (name.includes('lora_B')) tf.tidy(() => variable.assign(tf.fill(variable.shape, 0.1)));
    const all = await sequencesOf(policy, files);
    // On webgpu a layer keeps less, so that it takes more tokens for the weights to weigh as little beside it.
    const long = ({ prompt, completion }: Sequence): Sequence => ({
      prompt,
      completion: Int32Array.from({ length: 120 }, (_, i) => completion[i % completion.length]),
    });
    const sequences = backend === 'webgpu' ? all.slice(1).map(long) : all;
    // What stays from the first pass on: the features of a frozen tower, tables of rotations.
    tf.dispose(policy.hidden(sequences));
    const before = tf.memory().numTensors;
    const plain = await backward(policy, sequences, false);
    const again = await backward(policy, sequences, true);
    expect(tf.memory().numTensors).toBe(before);
    expect([...again.gradients.keys()].sort()).toEqual([...plain.gradients.keys()].sort());
    expect([...plain.gradients.values()].some(values => values.some(x => x !== 0))).toBe(true);
    for (const [name, values] of plain.gradients) expect(again.gradients.get(name), name).toEqual(values);
    // Of few layers, and with the weights counted too.
    expect(again.peakBytes).toBeLessThan(0.6 * plain.peakBytes);
    policy.dispose();
  },
);
