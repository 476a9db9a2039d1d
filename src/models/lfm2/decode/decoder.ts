/**
 * Generation by the decode plan: sequences join and leave a running batch, tokens stay on the GPU, and what was drawn is read
 * every few steps while the next ones are under way.
 */
import {
  FIELD,
  GpuError,
  MOST_BUFFERS,
  MOST_EOS,
  PAGE,
  SLOT_WORDS,
  type GpuBackend,
} from '../../../gpu/index.ts';
import type { Completion, Decoder, DecodeRequest, SamplingOptions } from '../../policy.ts';
import { ModelInputError } from '../../errors.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import { SequenceMemory } from './memory.ts';
import { DecodePlan, type Filters } from './plan.ts';
import { prefillPrompts, type EmbedPrompts, type PrefillJob } from './prefill.ts';
import { Staging } from './staging.ts';
import { layerPaths, planMatrix } from './weights.ts';

/** A sequence in the batch. */
interface Live {
  request: DecodeRequest;
  limit: number;
  slot: number;
  pages: number[];
  /** As of the last reading. */
  words: Uint32Array;
  drawn: Uint32Array;
  /** Steps recorded for it. */
  steps: number;
  resolve: (completion: Completion) => void;
  reject: (error: unknown) => void;
}

interface Waiting {
  request: DecodeRequest;
  limit: number;
  resolve: (completion: Completion) => void;
  reject: (error: unknown) => void;
}

/** Steps that are recorded between two readings. A sequence that ends is computed on until its end has been read. */
const STEPS = { software: 1, hardware: 8 };

/** Most sequences of a batch; others wait. */
const MOST_SLOTS = 256;

export interface DecoderParts {
  gpu: GpuBackend;
  backbone: Lfm2Backbone;
  banned: Int32Array;
  eosIds: readonly number[];
  /** The weights as they are now. */
  view: () => WeightView;
  embed: EmbedPrompts;
  /** Bytes that pages of keys and values may take; sequences that do not fit wait. */
  cacheBytes: number;
}

export class Lfm2Decoder implements Decoder {
  #memory: SequenceMemory;
  readonly #staging: Staging;
  #plan: DecodePlan | null = null;
  #waiting: Waiting[] = [];
  #live: Live[] = [];
  #sampling: SamplingOptions | null = null;
  #running: Promise<void> | null = null;

  constructor(private readonly parts: DecoderParts) {
    this.#memory = new SequenceMemory(parts.gpu, parts.backbone.config);
    this.#staging = new Staging(parts.gpu);
  }

  /** What `generate` does, for models that it can be done for: a stop token must be among few, and nothing unusual configured. */
  static supports({ gpu, backbone, eosIds, view }: DecoderParts): boolean {
    const { convBias, headSize } = backbone.config;
    // in_proj and out_proj then have biases, too; no published model does.
    if (convBias || headSize > 256 || eosIds.length > MOST_EOS) return false;
    const { maxStorageBuffersPerShaderStage: most } = gpu.gpu.limits;
    return most >= (hasScales(backbone, view()) ? MOST_BUFFERS.scaled : MOST_BUFFERS.floats);
  }

  async generate(requests: readonly DecodeRequest[], sampling: SamplingOptions): Promise<Completion[]> {
    const { banned, backbone } = this.parts;
    if (new Set(banned).size >= backbone.config.vocabularySize)
      throw new RangeError('Every token is banned; none can be drawn.');
    while (this.#running && !equal(this.#sampling, sampling)) await this.#running;
    this.#sampling = sampling;
    const completions = requests.map(
      request =>
        new Promise<Completion>((resolve, reject) => {
          this.#waiting.push({ request, limit: sampling.maxTokens, resolve, reject });
        }),
    );
    this.#running ??= this.#run();
    return Promise.all(completions);
  }

  rest(): void {
    // Steps that are still on their way have been submitted, and what they compute is nobody's.
    if (this.#waiting.length === 0 && this.#live.length === 0) this.#memory.dropPages();
  }

  dispose(): void {
    this.#reset();
    this.#staging.dispose();
  }

  /** Decodes until nothing is left to do. Its errors go to the requests. */
  async #run(): Promise<void> {
    // The caller has to know of this run before it can end.
    await Promise.resolve();
    try {
      // Two stretches are on their way at most: one computes while the other is read.
      const pending: (() => Promise<void>)[] = [];
      while (this.#waiting.length > 0 || this.#live.length > 0 || pending.length > 0) {
        if (this.#waiting.length > 0) {
          // Nothing computed so far is of use to those who come now: the weights may be others since the last ones came.
          if (this.#live.length === 0) this.#open();
          await this.#admit(pending);
        }
        const stretch = this.#record();
        if (stretch) pending.push(stretch);
        const ahead = stretch && !this.parts.gpu.software ? 1 : 0;
        if (pending.length > ahead) await pending.shift()!();
        else if (!stretch) await this.#stuck();
      }
    } catch (error) {
      const lost = [...this.#waiting, ...this.#live];
      this.#waiting = [];
      this.#live = [];
      // What is in the buffers is not to be trusted, nor that all of them are there.
      this.#reset();
      for (const { reject } of lost) reject(error);
    } finally {
      // In one go with the last look at what waits: whoever came in between would wait for ever.
      this.#running = null;
    }
  }

  /** Every step of the sequences has been read, and some have not ended: the GPU did not run what it was given. */
  async #stuck(): Promise<never> {
    await this.parts.gpu.check();
    throw new GpuError('invalid-dispatch', { message: 'The GPU left decode steps out without an error.' });
  }

  #reset(): void {
    this.#plan?.dispose();
    this.#plan = null;
    this.#memory.dispose();
    this.#memory = new SequenceMemory(this.parts.gpu, this.parts.backbone.config);
  }

  /** Takes the weights as they are now. */
  #open(): void {
    const { gpu, backbone, banned } = this.parts;
    const view = this.parts.view();
    if (!this.#plan || this.#plan.adapter !== view.adapter) {
      this.#plan?.dispose();
      this.#plan = new DecodePlan(gpu, backbone, view, this.#memory, banned);
    }
    this.#plan.refresh();
  }

  /** Prefills as many waiting sequences as there is room for and gives them slots. */
  async #admit(pending: (() => Promise<void>)[]): Promise<void> {
    const { gpu, cacheBytes } = this.parts;
    const memory = this.#memory;
    const mostPages = memory.mostPages(cacheBytes);
    const admitted: Waiting[] = [];
    const fresh = new Map<string, { shared: number; members: number }>();
    let pages = 0;
    const used = memory.pool.size - memory.pool.free;
    for (const waiting of this.#waiting) {
      const { length } = waiting.request.prompt.ids;
      const shared = Math.floor((length - 1) / PAGE);
      const known = fresh.has(waiting.request.identity);
      const wanted = Math.ceil((length + waiting.limit) / PAGE) - (known ? shared : 0);
      if (admitted.length + this.#live.length >= MOST_SLOTS || used + pages + wanted > mostPages) break;
      fresh.set(waiting.request.identity, { shared, members: 0 });
      pages += wanted;
      admitted.push(waiting);
    }
    if (admitted.length === 0) {
      if (this.#live.length > 0 || pending.length > 0) return;
      const [{ request, limit }] = this.#waiting;
      throw new ModelInputError('too-long', {
        message: `A prompt of ${request.prompt.ids.length} tokens and ${limit} new ones do not fit the ${Math.round(cacheBytes / 2 ** 20)} MiB of the key-value cache. Lower max_completion_length or axtree_max_chars.`,
      });
    }
    const positions = Math.max(...admitted.map(({ request, limit }) => request.prompt.ids.length + limit));
    const wantsRoom =
      admitted.length + this.#live.length > memory.slots ||
      Math.ceil(positions / PAGE) > memory.tableWidth ||
      Math.max(...admitted.map(({ limit }) => limit)) > memory.outWidth;
    // Slots move only when all that was drawn has been read.
    if (wantsRoom) while (pending.length > 0) await pending.shift()!();
    const replaced = memory.grow(
      admitted.length + this.#live.length,
      Math.ceil(positions / PAGE),
      Math.max(...admitted.map(({ limit }) => limit)),
      used + pages,
      mostPages,
    );
    this.#plan!.reserve(memory.slots, memory.tableWidth * PAGE);
    if (replaced) this.#plan!.invalidate();
    if (wantsRoom) this.#live.forEach(live => this.#writeSlot(live));

    this.#waiting.splice(0, admitted.length);
    const jobs: PrefillJob[] = [];
    const first = new Map<string, number[]>();
    const taken = new Set(this.#live.map(live => live.slot));
    for (const { request, limit, resolve, reject } of admitted) {
      const { length } = request.prompt.ids;
      const total = Math.ceil((length + limit) / PAGE);
      const sharedPages = first.get(request.identity);
      const shared = Math.floor((length - 1) / PAGE);
      if (sharedPages) memory.pool.share(sharedPages);
      const own = memory.pool.take(total - (sharedPages ? shared : 0));
      const all = sharedPages ? [...sharedPages, ...own] : own;
      if (!sharedPages) first.set(request.identity, all.slice(0, shared));
      const slot = lowestFree(taken);
      taken.add(slot);
      const words = new Uint32Array(SLOT_WORDS);
      words[FIELD.position] = length - 1;
      words[FIELD.token] = request.prompt.ids[length - 1];
      words[FIELD.alive] = 1;
      words[FIELD.key] = request.key;
      words[FIELD.limit] = limit;
      const drawn = new Uint32Array(0);
      const live = { request, limit, slot, pages: all, words, drawn, steps: 0, resolve, reject };
      this.#live.push(live);
      this.#writeSlot(live);
      if (this.#sampling!.repetitionPenalty !== 1) this.#writeSeen(live);
      jobs.push({ request, slot, pages: all, first: !sharedPages });
    }
    prefillPrompts(gpu, this.parts.backbone, this.#plan!.view, memory, this.parts.embed, jobs);
  }

  /** A slot's words, pages and drawn tokens as they are known here. */
  #writeSlot({ slot, words, pages, drawn }: Live): void {
    const { slots, tableWidth, outWidth, state, out } = this.#memory;
    const { queue } = this.parts.gpu.device;
    queue.writeBuffer(state, 4 * (slots + slot * SLOT_WORDS), words as Uint32Array<ArrayBuffer>);
    queue.writeBuffer(
      state,
      4 * (slots * (1 + SLOT_WORDS) + slot * tableWidth),
      Uint32Array.from(pages.slice(0, tableWidth)),
    );
    if (drawn.length > 0) queue.writeBuffer(out, 8 * slot * outWidth, drawn as Uint32Array<ArrayBuffer>);
  }

  #writeSeen({ slot, request, drawn }: Live): void {
    const words = Math.ceil(this.parts.backbone.config.vocabularySize / 32);
    const seen = new Uint32Array(words);
    for (const id of request.prompt.ids) seen[id >>> 5] |= 1 << (id & 31);
    for (let i = 0; i < drawn.length; i += 2) seen[drawn[i] >>> 5] |= 1 << (drawn[i] & 31);
    this.parts.gpu.device.queue.writeBuffer(this.#memory.seen, 4 * slot * words, seen);
  }

  /** Submits some steps of all live sequences. @returns what reads their outcome, or null when there is nothing left to do */
  #record(): (() => Promise<void>) | null {
    const { gpu } = this.parts;
    const memory = this.#memory;
    const rows = this.#live.filter(live => live.steps < live.limit);
    if (rows.length === 0) return null;
    const left = Math.max(...rows.map(live => live.limit - live.steps));
    const steps = Math.min(left, gpu.software ? STEPS.software : STEPS.hardware);
    gpu.flush();
    const { queue } = gpu.device;
    queue.writeBuffer(
      memory.state,
      0,
      Uint32Array.from(rows, live => live.slot),
    );
    queue.writeBuffer(this.#plan!.frame, 0, this.#frame(rows.length));
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.#plan!.record(pass, rows.length, steps, filtersOf(this.#sampling!));
    pass.end();
    const read = this.#staging.copy(encoder, [memory.state, memory.out]);
    queue.submit([encoder.finish()]);
    for (const live of rows) live.steps += steps;
    const { slots, outWidth } = memory;
    return async () => {
      const [state, out] = await read();
      for (const live of rows) {
        // It may have ended in the stretch before.
        if (!this.#live.includes(live)) continue;
        const start = slots + live.slot * SLOT_WORDS;
        live.words = state.slice(start, start + SLOT_WORDS);
        const from = 2 * live.slot * outWidth;
        live.drawn = out.slice(from, from + 2 * live.words[FIELD.count]);
        if (live.words[FIELD.alive] === 0) this.#end(live);
      }
    };
  }

  #end(live: Live): void {
    this.#live = this.#live.filter(other => other !== live);
    this.#memory.pool.release(live.pages);
    const ids = Int32Array.from({ length: live.drawn.length / 2 }, (_, i) => live.drawn[2 * i]);
    const bits = Uint32Array.from({ length: ids.length }, (_, i) => live.drawn[2 * i + 1]);
    const ended = this.parts.eosIds.includes(ids[ids.length - 1]);
    live.resolve({ ids, logps: new Float32Array(bits.buffer), ended });
  }

  #frame(sequences: number): ArrayBuffer {
    const { eosIds } = this.parts;
    const { temperature, topK, topP, minP, repetitionPenalty } = this.#sampling!;
    const { slots, tableWidth, outWidth } = this.#memory;
    const greedy = temperature === 0;
    const buffer = new ArrayBuffer(48 + 4 * MOST_EOS);
    const words = new Uint32Array(buffer);
    const floats = new Float32Array(buffer);
    words.set([sequences, slots, tableWidth, outWidth]);
    floats.set([greedy ? 1 : temperature, topP, minP ? Math.log(minP) : -1e30], 4);
    words.set([topK, greedy ? 1 : 0, eosIds.length], 7);
    floats[10] = repetitionPenalty;
    words.set(eosIds, 12);
    return buffer;
  }
}

function filtersOf({ temperature, topK, topP, minP, repetitionPenalty }: SamplingOptions): Filters {
  const greedy = temperature === 0;
  return {
    topK: !greedy && topK > 0,
    topP: !greedy && topP < 1,
    minP: !greedy && minP !== null && minP > 0,
    penalty: repetitionPenalty !== 1,
  };
}

function hasScales(backbone: Lfm2Backbone, view: WeightView): boolean {
  return layerPaths(backbone).some(({ first, mixed, wide, narrow }) =>
    [...first, ...mixed, ...wide, ...narrow].some(
      path => planMatrix(view, `${path}.weight`).buffers.length > 1,
    ),
  );
}

function equal(a: SamplingOptions | null, b: SamplingOptions): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function lowestFree(taken: ReadonlySet<number>): number {
  let slot = 0;
  while (taken.has(slot)) slot++;
  return slot;
}
