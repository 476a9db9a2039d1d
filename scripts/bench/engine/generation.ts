/** Prefill and decode of many prompts, of one group and of one sequence, timed. */
import type { Prompt } from '../../../src/models/policy.ts';
import { dispatchCount, gpuBytes, resetPeak } from './meter.ts';
import { ms, timed, timedPass, type PassTime } from './timing.ts';
import type { Workload } from './work.ts';

export interface GenerationFigures {
  prefillDistinctMs: number;
  prefillGroupMs: number;
  /** The processor's part of both. */
  prefillDistinct: PassTime;
  prefillGroup: PassTime;
  decodeStepMs: number;
  decodeStepOneMs: number;
  tokensPerSecond: number;
  dispatchesPerDecodeStep: number;
  peakGenerateBytes: number;
}

export async function measureGeneration(
  load: Workload,
  progress: (line: string) => void,
): Promise<GenerationFigures> {
  const { batch, newTokens, rounds } = load.work;
  resetPeak();
  /** Seconds to the first token and of a further one, and dispatches of it all. */
  const generation = async (asked: () => Prompt[]) => {
    const pass = await timedPass(rounds, drawn => load.sample(drawn, 1), asked);
    const one = pass.wall;
    const before = dispatchCount();
    const all = await timed(rounds, drawn => load.sample(drawn, newTokens), asked);
    const each = (dispatchCount() - before) / (rounds + 1);
    return { pass, prefill: one, step: (all - one) / (newTokens - 1), dispatches: each };
  };
  const distinct = await generation(() => load.distinct(batch));
  progress(`distinct prompts: prefill ${ms(distinct.prefill)}, decode step ${ms(distinct.step)}`);
  const group = await generation(() => load.groups(batch, batch));
  progress(`one group: prefill ${ms(group.prefill)}, decode step ${ms(group.step)}`);
  const alone = await generation(() => load.distinct(1));
  progress(`one sequence: prefill ${ms(alone.prefill)}, decode step ${ms(alone.step)}`);
  const single = dispatchCount();
  await load.sample(load.distinct(1), 1);
  const firstDispatches = dispatchCount() - single;
  return {
    prefillDistinctMs: 1000 * distinct.prefill,
    prefillGroupMs: 1000 * group.prefill,
    prefillDistinct: distinct.pass,
    prefillGroup: group.pass,
    decodeStepMs: 1000 * distinct.step,
    decodeStepOneMs: 1000 * alone.step,
    tokensPerSecond: batch / distinct.step,
    dispatchesPerDecodeStep: (alone.dispatches - firstDispatches) / (newTokens - 1),
    peakGenerateBytes: gpuBytes().peak,
  };
}
