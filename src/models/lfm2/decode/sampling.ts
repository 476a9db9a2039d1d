/** How tokens are drawn, as the decode plan's kernels are told. */
import { FRAME_BYTES } from '../../../gpu/index.ts';
import type { SamplingOptions } from '../../policy.ts';
import type { SequenceMemory } from './memory.ts';
import type { Filters } from './step.ts';

/** The uniform `F` (src/gpu/plan/frame.wgsl.ts) of a step of that many sequences. */
export function frameOf(
  { temperature, topK, topP, minP, repetitionPenalty }: SamplingOptions,
  eosIds: readonly number[],
  { slots, tableWidth, outWidth }: SequenceMemory,
  sequences: number,
): ArrayBuffer {
  const greedy = temperature === 0;
  const buffer = new ArrayBuffer(FRAME_BYTES);
  const words = new Uint32Array(buffer);
  const floats = new Float32Array(buffer);
  words.set([sequences, slots, tableWidth, outWidth]);
  floats.set([greedy ? 1 : temperature, topP, minP ? Math.log(minP) : -1e30], 4);
  words.set([topK, greedy ? 1 : 0, eosIds.length], 7);
  floats[10] = repetitionPenalty;
  words.set(eosIds, 12);
  return buffer;
}

export function filtersOf({ temperature, topK, topP, minP, repetitionPenalty }: SamplingOptions): Filters {
  const greedy = temperature === 0;
  return {
    topK: !greedy && topK > 0,
    topP: !greedy && topP < 1,
    minP: !greedy && minP !== null && minP > 0,
    penalty: repetitionPenalty !== 1,
  };
}

export function equalSampling(a: SamplingOptions | null, b: SamplingOptions): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
