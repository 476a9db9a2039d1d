import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTensor, startBackend, tokenLogProbs } from '../gpu/index.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import { loadPolicy } from '../models/load.ts';
import type { Policy, Prompt } from '../models/policy.ts';
import { parseActions } from '../env/action/index.ts';
import type { Observation } from '../protocol.ts';
import { generate } from './generate.ts';
import { actionConstraints } from './grammar/index.ts';

const SAMPLING = { maxTokens: 8, temperature: 0.8, topK: 0, topP: 1, minP: null, repetitionPenalty: 1 };

const NOTHING: Observation = {
  goal: '',
  axtree: '',
  html: '',
  screenshot: null,
  focusedBid: '',
  lastAction: '',
  lastActionError: '',
};

let policy: Policy;

async function open(backend: 'wasm' | 'webgpu'): Promise<void> {
  await startBackend(backend);
  const files = await fixtureFiles('lfm2_vl');
  policy = await loadPolicy({ files });
  // A LoRA with B ≠ 0, so that the adapter counts.
  const adapter = ['adapter_config.json', 'adapter_model.safetensors'];
  await policy.importAdapter(new Map(adapter.map(name => [name, files.get(`adapter/${name}`)!])));
}

function prompt(goal: string, grey: number): Prompt {
  const image = {
    width: 160,
    height: 210,
    channels: 3 as const,
    data: new Uint8Array(160 * 210 * 3).fill(grey),
  };
  return policy.prepare(
    [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: `Goal: ${goal}` }] }],
    [image],
  );
}

/** Two groups of three, and one prompt alone. */
function requests() {
  const [first, second] = [prompt('Click "Ok".', 40), prompt('Click on the red box, then stop.', 200)];
  const alone = prompt('x', 90);
  return [first, first, first, second, second, second, alone].map((p, i) => ({ prompt: p, key: 100 + i }));
}

describe.each(['wasm', 'webgpu'] as const)('on %s', backend => {
  beforeEach(() => open(backend));
  afterEach(() => policy.dispose());

  test('what the sampler reports is what the training path computes', async () => {
    const samples = await generate(policy, requests(), SAMPLING);
    const scores = tf.tidy(() => {
      const sequences = samples.map(s => ({ prompt: s.prompt, completion: s.completionIds }));
      const ids = Int32Array.from(samples.flatMap(s => [...s.completionIds]));
      const targets = tf.tensor1d(ids, 'int32');
      return tokenLogProbs(policy.hidden(sequences), policy.head, targets, SAMPLING.temperature).logps;
    });
    const trained = [...(await readTensor(scores))];
    scores.dispose();
    const sampled = samples.flatMap(s => [...s.logps]);
    expect(sampled).toHaveLength(trained.length);
    const worst = Math.max(...sampled.map((logp, i) => Math.abs(logp - trained[i])));
    // Batch shapes differ between the two paths, so sums are taken in another order.
    expect(worst).toBeLessThan(1e-4);
  });

  test('a sequence gets the same tokens alone as in a group', async () => {
    const all = requests();
    const together = await generate(policy, all, SAMPLING);
    const alone = await generate(policy, [all[4]], SAMPLING);
    expect([...alone[0].completionIds]).toEqual([...together[4].completionIds]);
    expect(together[3].completionIds).not.toEqual(together[4].completionIds);
  });

  test('a repetition penalty looks at prompt and reply, and leaves log-probabilities as they were', async () => {
    const [request] = requests();
    const greedy = { ...SAMPLING, temperature: 0 };
    const [free] = await generate(policy, [request], greedy);
    const [held] = await generate(policy, [request], { ...greedy, repetitionPenalty: 50 });
    const told = new Set(request.prompt.ids);
    // Nothing that was there before is worth saying again at such a price.
    const said = [...held.completionIds];
    expect(said.filter((id, i) => told.has(id) || said.indexOf(id) < i)).toEqual([]);
    expect(said).not.toEqual([...free.completionIds]);
    const sequence = { prompt: held.prompt, completion: held.completionIds };
    const scores = tf.tidy(
      () =>
        tokenLogProbs(policy.hidden([sequence]), policy.head, tf.tensor1d(held.completionIds, 'int32'), 1)
          .logps,
    );
    const trained = await readTensor(scores);
    scores.dispose();
    held.logps.forEach((logp, i) => expect(Math.abs(logp - trained[i])).toBeLessThan(1e-4));
  });

  test('held to actions a policy that knows none says nothing else, and reports what it thinks of it', async () => {
    const constraintOf = actionConstraints({ action_set: 'bid', multiaction: false }, policy);
    const observation = { ...NOTHING, axtree: "[12] button 'Ok'\n[13] textbox ''" };
    const constraint = constraintOf(observation);
    const free = await generate(policy, requests(), SAMPLING);
    const long = { ...SAMPLING, maxTokens: 48 };
    // One is free: it goes on as it would have.
    const held = requests().map((request, i) => (i === 6 ? request : { ...request, constraint }));
    const samples = await generate(policy, held, long);
    expect(Array.from(samples[6].completionIds.slice(0, 8))).toEqual([...free[6].completionIds]);
    const whole = samples.slice(0, 6).filter(({ truncated }) => !truncated);
    expect(whole.length).toBeGreaterThan(0);
    for (const { completionIds } of whole) {
      const text = policy.tokenizer.decode(completionIds, { skipSpecial: true });
      expect(parseActions(text, { actionSet: 'bid', multiaction: false, strict: true }), text).toHaveLength(
        1,
      );
    }
    const [first] = whole;
    const scores = tf.tidy(() => {
      const sequence = { prompt: first.prompt, completion: first.completionIds };
      const targets = tf.tensor1d(first.completionIds, 'int32');
      return tokenLogProbs(policy.hidden([sequence]), policy.head, targets, SAMPLING.temperature).logps;
    });
    const trained = await readTensor(scores);
    scores.dispose();
    first.logps.forEach((logp, i) => expect(Math.abs(logp - trained[i])).toBeLessThan(1e-4));
  });

  test('no tensor is left behind', async () => {
    await generate(policy, requests(), SAMPLING);
    const before = tf.memory().numTensors;
    await generate(policy, requests(), SAMPLING);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('a token that ends the turn ends the completion, and is part of it', async () => {
  await open('wasm');
  const [request] = requests();
  const long = { ...SAMPLING, maxTokens: 40, temperature: 4 };
  const runs = await generate(
    policy,
    Array.from({ length: 48 }, (_, key) => ({ ...request, key })),
    long,
  );
  const [eos] = policy.tokenizer.eosIds;
  const ended = runs.filter(run => !run.truncated);
  expect(ended.length).toBeGreaterThan(0);
  expect(ended.length).toBeLessThan(48);
  for (const run of ended) expect([...run.completionIds].indexOf(eos)).toBe(run.completionIds.length - 1);
  for (const run of runs) if (run.truncated) expect(run.completionIds).toHaveLength(40);
  policy.dispose();
});

test('wasm and webgpu draw the same tokens', async () => {
  const drawn = [];
  for (const backend of ['wasm', 'webgpu'] as const) {
    await open(backend);
    const samples = await generate(policy, requests(), SAMPLING);
    drawn.push(samples.map(sample => [...sample.completionIds]));
    policy.dispose();
  }
  expect(drawn[0]).toEqual(drawn[1]);
});
