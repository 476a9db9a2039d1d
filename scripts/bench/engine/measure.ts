/** The work of one GRPO step on a policy of random weights, timed part by part. */
import type { Policy } from '../../../src/models/policy.ts';
import { measureGeneration, type GenerationFigures } from './generation.ts';
import { gpuProfile, gpuSeconds, type KernelTime } from './gpu-time.ts';
import { measureTraining, type TrainingFigures } from './training.ts';
import { Workload, type Work } from './work.ts';

export interface EngineFigures extends GenerationFigures, TrainingFigures {
  /** Of these the GPU's own time, in ms; null where it cannot be told. */
  busy: Busy;
  /** Null unless it was asked for and the GPU has a clock. */
  profile: Record<keyof Busy, KernelTime[] | null> | null;
}

/** What the GPU's clock says of one more round. */
export interface Busy {
  prefillDistinct: number | null;
  prefillGroup: number | null;
  /** Of all sequences' whole generation. */
  generateGroup: number | null;
  generateOne: number | null;
  loraForwardBackward: number | null;
  /** Of a whole GRPO step. */
  grpoStep: number | null;
}

export async function measure(
  policy: Policy,
  work: Work,
  progress: (line: string) => void,
): Promise<EngineFigures> {
  const load = new Workload(policy, work);
  const { batch, newTokens } = work;
  const busy = {} as Busy;
  const profile = {} as Record<keyof Busy, KernelTime[] | null>;
  const look = async (part: keyof Busy, again: () => unknown): Promise<void> => {
    const seconds = await gpuSeconds(again);
    busy[part] = seconds === null ? null : 1000 * seconds;
    if (work.profile) profile[part] = await gpuProfile(again);
  };
  const generation = await measureGeneration(load, progress);
  const [many, grouped, lone] = [load.distinct(batch), load.groups(batch, batch), load.distinct(1)];
  await look('prefillDistinct', () => load.sample(many, 1));
  await look('prefillGroup', () => load.sample(grouped, 1));
  await look('generateGroup', () => load.sample(grouped, newTokens));
  await look('generateOne', () => load.sample(lone, newTokens));
  const training = await measureTraining(load, look, progress);
  return { ...generation, ...training, busy, profile: work.profile ? profile : null };
}
