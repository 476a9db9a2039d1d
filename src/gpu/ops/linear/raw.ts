/** The thin product for callers with buffers and bind groups of their own (the decode plan), outside tfjs's tape. */
import type { GpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import type { PackedWeight } from '../../packed/index.ts';
import { thinBindings, THIN_FOLD, thinKey, thinWgsl, type ThinForm, type ThinVariant } from './thin.wgsl.ts';

/** All that a compute pass needs to know of a kernel. */
export interface RawKernel {
  /** Names the pipeline: equal keys have equal code. */
  key: string;
  /** A module with entry point `main` and everything in group 0; made when the pipeline is. */
  code: () => string;
  /** Storage bindings from 0 on, by name; the uniform buffer with `params` comes after the last. */
  bindings: string[];
  params: Uint32Array<ArrayBuffer>;
  groups: [number, number, number];
}

export interface ThinOptions {
  /** Sequences there may be; each computes ⌈rows / 8⌉ times over the weights. */
  rows: number;
  norm?: { eps: number };
  gated?: boolean;
  bias?: boolean;
  residual?: boolean;
  lora?: { rank: number; scaling: number };
  /** y is [N, rows]. */
  flip?: boolean;
}

/** Sequences that share one pass over the weights. */
const MOST_SEQUENCES = 8;

/**
 * y = x Wᵀ, [rows, K] to [rows, N], with what `o` fuses in, for any number of rows; made for 1 to 64.
 *
 * Bindings, of those that apply: `x_words` [rows, K]; `gain_words` [K]; `w_words`, `w_scales` (PackedWeight.buffers);
 * `v_words`, `v_scales` (the second matrix of `gated`); `bias` [N]; `residual` [rows, N]; `low` [rows, rank] and `up`
 * [N, rank] of a LoRA branch, where low = x Aᵀ is a thin product of its own; `y` [rows, N].
 *
 * @param form  how threads share the work; chosen by adapter unless given.
 */
export function thinLinear(
  gpu: GpuBackend,
  weight: Pick<PackedWeight, 'rows' | 'columns' | 'format'>,
  o: ThinOptions,
  form: ThinForm = thinForm(gpu, weight, o.rows),
): RawKernel {
  const { rows: N, columns: K, format } = weight;
  const variant: ThinVariant = {
    ...form,
    format,
    sequences: Math.min(gpu.software ? 4 : MOST_SEQUENCES, o.rows),
    aligned: K % 4 === 0,
    norm: o.norm !== undefined,
    gated: o.gated,
    bias: o.bias,
    residual: o.residual,
    lora: o.lora !== undefined,
    flip: o.flip,
  };
  const groups = Math.ceil(N / variant.rows / (form.threads === 1 ? 16 : 1));
  return {
    key: thinKey(variant),
    code: () => thinWgsl(variant),
    bindings: thinBindings(variant),
    params: params(N, K, o.rows, o.lora?.rank ?? 0, { f32: o.norm?.eps ?? 0 }, { f32: o.lora?.scaling ?? 0 }),
    groups: [
      Math.min(groups, THIN_FOLD),
      Math.ceil(groups / THIN_FOLD),
      Math.ceil(o.rows / variant.sequences),
    ],
  };
}

/** Software adapters: four rows a thread. GPUs: a row pair a workgroup of 64, longer rows shared by more threads. */
export function thinForm(gpu: GpuBackend, weight: { rows: number; columns: number }, rows: number): ThinForm {
  if (gpu.software) return { rows: 4, threads: 1, subgroups: false };
  const subgroups = gpu.gpu.features.includes('subgroups');
  const threads = weight.columns >= 4096 ? 128 : 64;
  return { rows: rows === 1 && weight.rows >= 4096 ? 4 : 2, threads, subgroups };
}
