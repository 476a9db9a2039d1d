/** Runs new prompts and puts what they leave where the decode plan finds it: each distinct prompt once. */
import * as tf from '@tensorflow/tfjs-core';
import { PAGE, PAGES_WGSL, RING_WGSL, type GpuBackend } from '../../../gpu/index.ts';
import type { DecodeRequest, ImagePatches } from '../../policy.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import type { LayerTrace } from '../layout.ts';
import type { SequenceMemory } from './memory.ts';

export interface PrefillJob {
  request: DecodeRequest;
  slot: number;
  /** Of the whole sequence, from its beginning. */
  pages: number[];
  /** The first of the sequences that share a prompt: its whole pages are theirs, too. */
  first: boolean;
}

/** Right-padded prompts, embedded: [prompts · length, D]. Called within a tidy. */
export type EmbedPrompts = (
  view: WeightView,
  prompts: { ids: Int32Array; images: ImagePatches[] }[],
  length: number,
) => tf.Tensor2D;

/** A prompt joins longer ones while it fills at least this share of their length. */
const FILL = 0.75;

/** Tokens of one forward pass over several prompts: bounds its memory. */
export const PREFILL_TOKENS = 4096;

/** The last token of a prompt is the plan's first: what comes before it is computed here. */
export function prefillPrompts(
  gpu: GpuBackend,
  backbone: Lfm2Backbone,
  view: WeightView,
  memory: SequenceMemory,
  embed: EmbedPrompts,
  jobs: PrefillJob[],
): void {
  const byPrompt = new Map<string, PrefillJob[]>();
  for (const job of jobs)
    byPrompt.set(job.request.identity, [...(byPrompt.get(job.request.identity) ?? []), job]);
  const distinct = [...byPrompt.values()].sort((a, b) => lengthOf(b) - lengthOf(a));
  for (const bucket of buckets(distinct)) {
    const length = lengthOf(bucket[0]);
    if (length === 0) emptyRings(gpu, backbone, memory, bucket);
    else
      tf.tidy(() => {
        const prompts = bucket.map(([{ request }]) => ({
          ids: request.prompt.ids.subarray(0, -1),
          images: request.prompt.images,
        }));
        const x = embed(view, prompts, length);
        const trace = placing(gpu, backbone, memory, bucket);
        backbone.fill(view, x, backbone.padded({ batch: bucket.length, length }, trace));
      });
  }
}

/** Tokens of a prompt that are computed here. */
function lengthOf([{ request }]: PrefillJob[]): number {
  return request.prompt.ids.length - 1;
}

/** @param distinct  longest first */
function buckets(distinct: PrefillJob[][]): PrefillJob[][][] {
  const all: PrefillJob[][][] = [];
  for (const jobs of distinct) {
    const last = all.at(-1);
    const fits =
      last &&
      lengthOf(jobs) >= FILL * lengthOf(last[0]) &&
      (last.length + 1) * lengthOf(last[0]) <= PREFILL_TOKENS;
    if (fits) last.push(jobs);
    else all.push([jobs]);
  }
  return all;
}

function placing(
  gpu: GpuBackend,
  { config }: Lfm2Backbone,
  memory: SequenceMemory,
  bucket: PrefillJob[][],
): LayerTrace {
  const pageJobs = new Uint32Array(bucket.flatMap((jobs, row) => jobs.flatMap(job => pagesOf(job, row))));
  const ringJobs = ringsOf(bucket);
  const length = lengthOf(bucket[0]);
  return {
    onConvInput(layer, bcx) {
      const ring = memory.rings[layer];
      if (!ring) return;
      const numbers = new Uint32Array([config.kernelSize, length, config.hiddenSize, 0]);
      gpu.dispatch('plan-ring', RING_WGSL, [bcx, ring, ringJobs], numbers, [ringJobs.length / 4, 1, 1]);
    },
    onKeyValue(layer, keysAndValues) {
      const { keys, values } = memory.pages[layer];
      const [k, v] = keysAndValues.rows();
      const { keyValueHeads, headSize } = config;
      const count = pageJobs.length / 4;
      const numbers = new Uint32Array([count, keyValueHeads, length, headSize]);
      const groups: [number, number, number] = [count, keyValueHeads, 1];
      gpu.dispatch('plan-pages', PAGES_WGSL, [k, v, keys, values, pageJobs], numbers, groups);
    },
  };
}

/** Whole pages come from the first of the sequences that share the prompt; the last one is everybody's own. */
function pagesOf({ request, pages, first }: PrefillJob, row: number): number[] {
  const tokens = request.prompt.ids.length - 1;
  const jobs: number[] = [];
  for (let page = first ? 0 : Math.floor(tokens / PAGE); page * PAGE < tokens; page++)
    jobs.push(row, page * PAGE, Math.min(PAGE, tokens - page * PAGE), pages[page]);
  return jobs;
}

function ringsOf(bucket: PrefillJob[][]): Uint32Array {
  return new Uint32Array(
    bucket.flatMap((jobs, row) =>
      jobs.flatMap(({ request, slot }) => [row, request.prompt.ids.length - 1, slot, 0]),
    ),
  );
}

/** A prompt of one token has no past. */
function emptyRings(
  gpu: GpuBackend,
  { config }: Lfm2Backbone,
  memory: SequenceMemory,
  bucket: PrefillJob[][],
): void {
  const jobs = ringsOf(bucket);
  const numbers = new Uint32Array([config.kernelSize, 0, config.hiddenSize, 0]);
  for (const ring of memory.rings)
    if (ring) gpu.dispatch('plan-ring', RING_WGSL, [memory.x, ring, jobs], numbers, [jobs.length / 4, 1, 1]);
}
