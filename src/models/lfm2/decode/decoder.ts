/**
 * Generation by the decode plan: sequences join and leave a running batch, tokens stay on the GPU, and what was drawn is read
 * every few steps while the next ones are under way.
 */
import { GpuError, MOST_BUFFERS, MOST_EOS, PAGE, type GpuBackend } from '../../../gpu/index.ts';
import { ModelInputError } from '../../errors.ts';
import type { Completion, Decoder, DecodeRequest, SamplingOptions } from '../../policy.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import { admitted, freeSlots, positionsOf, takePages } from './admission.ts';
import { SequenceMemory } from './memory.ts';
import { DecodePlan } from './plan.ts';
import { prefillPrompts, type EmbedPrompts, type PrefillJob } from './prefill.ts';
import { equalSampling, filtersOf, frameOf } from './sampling.ts';
import {
  begun,
  completionOf,
  takeReading,
  writeSeen,
  writeSlot,
  type Live,
  type Waiting,
} from './sequence.ts';
import { Staging } from './staging.ts';
import { hasScales, layerPaths } from './weights.ts';

/** Steps that are recorded between two readings. A sequence that ends is computed on until its end has been read. */
const STEPS = { software: 1, hardware: 8 };

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
    return most >= (hasScales(view(), layerPaths(backbone)) ? MOST_BUFFERS.scaled : MOST_BUFFERS.floats);
  }

  async generate(requests: readonly DecodeRequest[], sampling: SamplingOptions): Promise<Completion[]> {
    const { banned, backbone } = this.parts;
    if (new Set(banned).size >= backbone.config.vocabularySize)
      throw new RangeError('Every token is banned; none can be drawn.');
    while (this.#running && !equalSampling(this.#sampling, sampling)) await this.#running;
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
    const { gpu, backbone, cacheBytes, embed } = this.parts;
    const memory = this.#memory;
    const mostPages = memory.mostPages(cacheBytes);
    const used = memory.pool.size - memory.pool.free;
    const { joining, pages } = admitted(this.#waiting, this.#live.length, mostPages - used);
    if (joining.length === 0) {
      if (this.#live.length > 0 || pending.length > 0) return;
      throw tooLong(this.#waiting[0], cacheBytes);
    }
    const wanted = {
      slots: joining.length + this.#live.length,
      tableWidth: Math.ceil(Math.max(...joining.map(positionsOf)) / PAGE),
      outWidth: Math.max(...joining.map(({ limit }) => limit)),
    };
    const moves = memory.lacks(wanted);
    // Slots move only when all that was drawn has been read.
    if (moves) while (pending.length > 0) await pending.shift()!();
    const replaced = memory.grow(wanted, used + pages, mostPages);
    this.#plan!.reserve(memory.slots, memory.tableWidth * PAGE);
    if (replaced) this.#plan!.invalidate();
    if (moves) for (const live of this.#live) writeSlot(gpu, memory, live);

    this.#waiting.splice(0, joining.length);
    const slots = freeSlots(new Set(this.#live.map(live => live.slot)), joining.length);
    const jobs = takePages(memory.pool, joining).map((taken, i): PrefillJob => {
      const live = begun(joining[i], slots[i], taken.pages);
      this.#live.push(live);
      writeSlot(gpu, memory, live);
      if (this.#sampling!.repetitionPenalty !== 1)
        writeSeen(gpu, memory, backbone.config.vocabularySize, live);
      return { request: live.request, slot: live.slot, ...taken };
    });
    prefillPrompts(gpu, backbone, this.#plan!.view, memory, embed, jobs);
  }

  /** Submits some steps of all live sequences. @returns what reads their outcome, or null when there is nothing left to do */
  #record(): (() => Promise<void>) | null {
    const { gpu, eosIds } = this.parts;
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
    queue.writeBuffer(this.#plan!.frame, 0, frameOf(this.#sampling!, eosIds, memory, rows.length));
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.#plan!.record(pass, rows.length, steps, filtersOf(this.#sampling!));
    pass.end();
    const read = this.#staging.copy(encoder, [memory.state, memory.out]);
    queue.submit([encoder.finish()]);
    for (const live of rows) live.steps += steps;
    const layout = { slots: memory.slots, outWidth: memory.outWidth };
    return async () => {
      const [state, out] = await read();
      for (const live of rows) {
        // It may have ended in the stretch before.
        if (!this.#live.includes(live)) continue;
        if (takeReading(live, layout, state, out)) this.#end(live);
      }
    };
  }

  #end(live: Live): void {
    this.#live = this.#live.filter(other => other !== live);
    this.#memory.pool.release(live.pages);
    live.resolve(completionOf(live, this.parts.eosIds));
  }
}

function tooLong({ request, limit }: Waiting, cacheBytes: number): ModelInputError {
  return new ModelInputError('too-long', {
    message: `A prompt of ${request.prompt.ids.length} tokens and ${limit} new ones do not fit the ${Math.round(cacheBytes / 2 ** 20)} MiB of the key-value cache. Lower max_completion_length or axtree_max_chars.`,
  });
}
