/** Batched generation: every distinct prompt is prefilled once, then all live sequences decode as one batch. */
import { hashKey, sampleTokens } from '../gpu/index.ts';
import type { DecodeState, Policy, Prompt, SamplingOptions } from '../models/policy.ts';
import { promptIdentity } from '../models/prompt-identity.ts';
import type { Constraint } from './grammar/index.ts';
import type { Sample } from './types.ts';

export interface GenerationRequest {
  prompt: Prompt;
  /** Names the sequence's random draws; the token's position is mixed in. */
  key: number;
  /** What may be said; without it anything. Log-probabilities are those of the free policy either way. */
  constraint?: Constraint;
}

/** Finished sequences leave the batch when they are this share of it: a smaller batch must repay the copy of its caches. */
const COMPACT_AT = 0.5;

/** A sequence while it grows. */
interface Growing {
  request: GenerationRequest;
  ids: number[];
  logps: number[];
  ended: boolean;
  /** Of the constraint, where there is one. */
  state: number;
}

/**
 * Completions of `requests`, in order. The same keys and weights give the same tokens, whatever else is in the batch,
 * up to floating-point differences between batch shapes.
 */
export async function generate(
  policy: Policy,
  requests: readonly GenerationRequest[],
  sampling: SamplingOptions,
): Promise<Sample[]> {
  if (requests.length === 0) return [];
  const decoder = policy.decoder();
  // What may come next depends on what was drawn, which the plan keeps on the GPU.
  const planned = (request: GenerationRequest): boolean =>
    !request.constraint && endsInText(policy, request.prompt);
  if (decoder && requests.every(planned)) {
    const identified = requests.map(request => ({ ...request, identity: promptIdentity(request.prompt) }));
    const completions = await decoder.generate(identified, sampling);
    return completions.map(({ ids, logps, ended }, i) => ({
      prompt: requests[i].prompt,
      completionIds: ids,
      logps,
      truncated: !ended,
    }));
  }
  const growing = requests.map(request => ({
    request,
    ids: [],
    logps: [],
    ended: false,
    state: request.constraint?.start ?? 0,
  }));
  await decode(policy, growing, sampling);
  return growing.map(({ request, ids, logps, ended }) => ({
    prompt: request.prompt,
    completionIds: Int32Array.from(ids),
    logps: Float32Array.from(logps),
    truncated: !ended,
  }));
}

/** The plan looks a prompt's last token up as it does a drawn one; what an image's placeholder stands for it does not know. */
function endsInText(policy: Policy, { ids }: Prompt): boolean {
  return ids.length > 0 && !policy.bannedIds.includes(ids[ids.length - 1]);
}

async function decode(policy: Policy, all: Growing[], sampling: SamplingOptions): Promise<void> {
  const eos = new Set(policy.tokenizer.eosIds);
  const penalty = sampling.repetitionPenalty;
  const constrained = all.some(({ request }) => request.constraint);
  let rows = all;
  let state = prefillDistinct(policy, all, sampling.maxTokens);
  try {
    for (let position = 0; ; position++) {
      const { tokens, logps } = await sampleTokens(state.hidden, policy.head, {
        keys: Uint32Array.from(rows, row => hashKey(row.request.key, position)),
        temperature: sampling.temperature,
        topK: sampling.topK,
        topP: sampling.topP,
        minP: sampling.minP,
        banned: policy.bannedIds,
        allowed: constrained ? rows.map(allowedFor) : null,
        repetition: penalty === 1 ? null : { penalty, seen: rows.map(textOf) },
      });
      rows.forEach((row, i) => {
        if (row.ended) return;
        row.ids.push(tokens[i]);
        row.logps.push(logps[i]);
        row.ended = eos.has(tokens[i]);
        row.state = row.request.constraint?.after(row.state, tokens[i]) ?? 0;
      });
      const live = rows.filter(row => !row.ended).length;
      if (live === 0 || position + 1 === sampling.maxTokens) return;
      let next: Int32Array = tokens;
      if (live <= rows.length * COMPACT_AT) {
        const kept = Int32Array.from(rows.keys()).filter(i => !rows[i].ended);
        state = replace(state, kept);
        next = Int32Array.from(kept, i => tokens[i]);
        rows = Array.from(kept, i => rows[i]);
      }
      await state.step(next);
    }
  } finally {
    state.dispose();
  }
}

function allowedFor({ request: { constraint }, state }: Growing): Uint32Array | null {
  return constraint?.allowed(state) ?? null;
}

/** Every token that a sequence has so far. */
function* textOf({ request, ids }: Growing): Iterable<number> {
  yield* request.prompt.ids;
  yield* ids;
}

function prefillDistinct(policy: Policy, all: readonly Growing[], capacity: number): DecodeState {
  const distinct: Prompt[] = [];
  const indexOf = new Map<string, number>();
  const rows = Int32Array.from(all, ({ request: { prompt } }) => {
    const identity = promptIdentity(prompt);
    const known = indexOf.get(identity) ?? distinct.push(prompt) - 1;
    indexOf.set(identity, known);
    return known;
  });
  const state = policy.prefill(distinct, capacity);
  return distinct.length === all.length ? state : replace(state, rows);
}

function replace(state: DecodeState, rows: Int32Array): DecodeState {
  try {
    return state.fork(rows);
  } finally {
    state.dispose();
  }
}
