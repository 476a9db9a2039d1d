import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GpuBackend, readTensor, startBackend, tokenLogProbs } from '../gpu/index.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import { loadPolicy } from '../models/load.ts';
import type { Policy, Prompt, SamplingOptions } from '../models/policy.ts';
import { generate } from './generate.ts';

const SAMPLING: SamplingOptions = {
  maxTokens: 10,
  temperature: 0.9,
  topK: 0,
  topP: 1,
  minP: null,
  repetitionPenalty: 1,
};

let policy: Policy;

function prompt(goal: string, grey: number): Prompt {
  const data = new Uint8Array(160 * 210 * 3).fill(grey);
  const content = [{ type: 'image' as const }, { type: 'text' as const, text: `Goal: ${goal}` }];
  return policy.prepare([{ role: 'user', content }], [{ width: 160, height: 210, channels: 3, data }]);
}

/** Two of one prompt, and one alone. */
function requests() {
  const shared = prompt('Click on the red box, then stop.', 200);
  return [shared, shared, prompt('x', 90)].map((p, i) => ({ prompt: p, key: 100 + i }));
}

/** A token at a time, as where there is no plan. */
async function stepByStep(sampling: SamplingOptions) {
  expect(policy.decoder()).not.toBeNull();
  policy.decodePlan = false;
  try {
    expect(policy.decoder()).toBeNull();
    return await generate(policy, requests(), sampling);
  } finally {
    policy.decodePlan = true;
  }
}

describe.each(['software', 'hardware'] as const)('kernels for %s', form => {
  const software = Object.getOwnPropertyDescriptor(GpuBackend.prototype, 'software')!;

  beforeEach(async () => {
    await startBackend('webgpu');
    const files = await fixtureFiles('lfm2_vl');
    policy = await loadPolicy({ files });
    // A LoRA with B ≠ 0, so that the adapter counts.
    const adapter = ['adapter_config.json', 'adapter_model.safetensors'];
    await policy.importAdapter(new Map(adapter.map(name => [name, files.get(`adapter/${name}`)!])));
  });
  afterEach(() => {
    policy.dispose();
    Object.defineProperty(GpuBackend.prototype, 'software', software);
  });

  /** Barriers take a software adapter long: there, of the rules those that the others are parts of. */
  const few = <T>(all: T[]): T[] => (form === 'software' ? all : all.filter((_, i) => i % 3 === 0));

  test.each<[string, Partial<SamplingOptions>]>(
    few([
      ['all tokens', {}],
      ['top-k', { topK: 4, temperature: 3 }],
      ['top-p', { topP: 0.7, temperature: 1.5 }],
      ['the likeliest token', { temperature: 0 }],
      ['min-p', { minP: 0.3, temperature: 1.5 }],
      ['a repetition penalty', { repetitionPenalty: 1.8, temperature: 0 }],
      ['all at once', { topK: 40, topP: 0.9, minP: 0.05, repetitionPenalty: 1.3, temperature: 2 }],
      ['a temperature at which every token comes', { temperature: 40 }],
    ]),
  )('the plan draws what steps draw: %s', async (_, some) => {
    const sampling = { ...SAMPLING, ...some };
    const stepped = await stepByStep(sampling);
    // The bare sequence of steps runs in the form of the adapter at hand: only the plan is asked for in the other one.
    Object.defineProperty(GpuBackend.prototype, 'software', { ...software, get: () => form === 'software' });
    const planned = await generate(policy, requests(), {
      ...sampling,
      maxTokens: form === 'software' ? sampling.maxTokens : 4,
    });
    Object.defineProperty(GpuBackend.prototype, 'software', software);
    planned.forEach(({ completionIds, logps }, i) => {
      const ids = [...stepped[i].completionIds].slice(0, completionIds.length);
      expect([...completionIds]).toEqual(ids);
      logps.forEach((logp, t) => expect(Math.abs(logp - stepped[i].logps[t])).toBeLessThan(1e-4));
      for (const id of completionIds) expect(policy.bannedIds).not.toContain(id);
    });
  });
});

test('a prompt that ends in an image goes step by step: the plan takes its last token for text', async () => {
  await startBackend('webgpu');
  policy = await loadPolicy({ files: await fixtureFiles('lfm2_vl') });
  const [{ prompt: whole, key }] = requests();
  const end = whole.ids.lastIndexOf(policy.tokenizer.idOf('<image>')!) + 1;
  const ending = { ...whole, ids: whole.ids.subarray(0, end) };
  const [{ completionIds, logps }] = await generate(policy, [{ prompt: ending, key }], SAMPLING);
  const scores = tf.tidy(() => {
    const hidden = policy.hidden([{ prompt: ending, completion: completionIds }]);
    const targets = tf.tensor1d(completionIds, 'int32');
    return tokenLogProbs(hidden, policy.head, targets, SAMPLING.temperature).logps;
  });
  const trained = await readTensor(scores);
  scores.dispose();
  expect(completionIds.length).toBeGreaterThan(0);
  logps.forEach((logp, t) => expect(Math.abs(logp - trained[t])).toBeLessThan(1e-4));
  policy.dispose();
});
