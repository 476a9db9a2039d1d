/** What precedes a measurement: whether the engine computes the right thing, and which tiles are the fastest here. */
import * as tf from '@tensorflow/tfjs-core';
import { DEFAULT_CONFIG } from '../../../src/config.ts';
import {
  checkGpu,
  gpuBackend,
  readTensor,
  trimPool,
  tuneTiles,
  type TileTiming,
} from '../../../src/gpu/index.ts';
import type { Policy } from '../../../src/models/policy.ts';
import { Optimizer } from '../../../src/trainer/optimizer.ts';
import { scoreCompletions } from '../../../src/trainer/score.ts';
import { Workload, type Work } from './work.ts';

/** The largest difference between the sampler's log-probabilities and the training path's: speed is worth nothing without it. */
export async function samplerDifference(policy: Policy, work: Work): Promise<number> {
  const load = new Workload(policy, work);
  const prompts = load.groups(Math.min(4, work.batch), 2);
  const samples = await load.sample(prompts, Math.min(8, work.newTokens));
  const sequences = samples.map(s => ({ prompt: s.prompt, completion: s.completionIds }));
  const scores = tf.tidy(() => scoreCompletions(policy, sequences, 1).logps);
  const trained = await readTensor(scores);
  scores.dispose();
  const sampled = samples.flatMap(s => [...s.logps]);
  return Math.max(...sampled.map((logp, i) => Math.abs(logp - trained[i])));
}

/** The work once and untimed, so that the tiles of what comes up often can be measured: as a run does between its steps. */
export async function tune(policy: Policy, work: Work): Promise<TileTiming[]> {
  if (gpuBackend()!.software) return [];
  const load = new Workload(policy, work);
  for (const asked of [load.distinct(work.batch), load.groups(work.batch, work.batch)])
    await load.sample(asked, 1);
  const optimizer = new Optimizer(policy.trainable(), DEFAULT_CONFIG);
  load.backward(optimizer, load.randomRows(load.distinct(work.batch)));
  await checkGpu();
  optimizer.dispose();
  const timings = await tuneTiles();
  trimPool();
  return timings;
}
