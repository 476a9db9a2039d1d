/** A sequence that is decoded: what the processor knows of it, and the words of its slot on the GPU. */
import { FIELD, SLOT_WORDS, type GpuBackend } from '../../../gpu/index.ts';
import type { Completion, DecodeRequest } from '../../policy.ts';
import type { SequenceMemory } from './memory.ts';

/** A sequence that there was no room for yet. */
export interface Waiting {
  request: DecodeRequest;
  /** New tokens at most. */
  limit: number;
  resolve: (completion: Completion) => void;
  reject: (error: unknown) => void;
}

/** A sequence in the batch. */
export interface Live extends Waiting {
  slot: number;
  pages: number[];
  /** As of the last reading. */
  words: Uint32Array;
  /** Token and log-probability in turns, as of the last reading. */
  drawn: Uint32Array;
  /** Steps recorded for it. */
  steps: number;
}

/** A sequence that begins: the last token of its prompt is the first that is decoded. */
export function begun(waiting: Waiting, slot: number, pages: number[]): Live {
  const { prompt, key } = waiting.request;
  const words = new Uint32Array(SLOT_WORDS);
  words[FIELD.position] = prompt.ids.length - 1;
  words[FIELD.token] = prompt.ids[prompt.ids.length - 1];
  words[FIELD.alive] = 1;
  words[FIELD.key] = key;
  words[FIELD.limit] = waiting.limit;
  return { ...waiting, slot, pages, words, drawn: new Uint32Array(0), steps: 0 };
}

/** Writes a slot's words, pages and drawn tokens as they are known here. */
export function writeSlot(
  gpu: GpuBackend,
  memory: SequenceMemory,
  { slot, words, pages, drawn }: Live,
): void {
  const { slots, tableWidth, outWidth, state, out } = memory;
  const { queue } = gpu.device;
  queue.writeBuffer(state, 4 * (slots + slot * SLOT_WORDS), words as Uint32Array<ArrayBuffer>);
  queue.writeBuffer(
    state,
    4 * (slots * (1 + SLOT_WORDS) + slot * tableWidth),
    Uint32Array.from(pages.slice(0, tableWidth)),
  );
  if (drawn.length > 0) queue.writeBuffer(out, 8 * slot * outWidth, drawn as Uint32Array<ArrayBuffer>);
}

/** Writes which tokens a repetition penalty is for: those of the prompt and those drawn. */
export function writeSeen(
  gpu: GpuBackend,
  memory: SequenceMemory,
  vocabularySize: number,
  { slot, request, drawn }: Live,
): void {
  const words = Math.ceil(vocabularySize / 32);
  const seen = new Uint32Array(words);
  for (const id of request.prompt.ids) seen[id >>> 5] |= 1 << (id & 31);
  for (let i = 0; i < drawn.length; i += 2) seen[drawn[i] >>> 5] |= 1 << (drawn[i] & 31);
  gpu.device.queue.writeBuffer(memory.seen, 4 * slot * words, seen);
}

/**
 * Takes over what was read of a slot.
 * @param layout  of the memory when it was read
 * @returns whether the sequence has ended
 */
export function takeReading(
  live: Live,
  { slots, outWidth }: Pick<SequenceMemory, 'slots' | 'outWidth'>,
  state: Uint32Array,
  out: Uint32Array,
): boolean {
  const start = slots + live.slot * SLOT_WORDS;
  live.words = state.slice(start, start + SLOT_WORDS);
  const from = 2 * live.slot * outWidth;
  live.drawn = out.slice(from, from + 2 * live.words[FIELD.count]);
  return live.words[FIELD.alive] === 0;
}

export function completionOf({ drawn }: Live, eosIds: readonly number[]): Completion {
  const ids = Int32Array.from({ length: drawn.length / 2 }, (_, i) => drawn[2 * i]);
  const bits = Uint32Array.from({ length: ids.length }, (_, i) => drawn[2 * i + 1]);
  return { ids, logps: new Float32Array(bits.buffer), ended: eosIds.includes(ids[ids.length - 1]) };
}
