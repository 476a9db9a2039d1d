/** Lays sequences out for as few token rows as possible: prompts that several share are computed once, the rest is padded little. */
import type { HiddenOptions, ImagePatches, Sequence } from '../policy.ts';
import type { BatchShape } from '../../gpu/index.ts';
import { rowsOf, type PromptClass } from '../lfm2/shared-prompts.ts';
import { promptIdentity } from '../prompt-identity.ts';

/** Tokens at rows start … start + ids.length - 1 of a batch. */
export interface Placement {
  ids: Int32Array;
  images: ImagePatches[];
  start: number;
  /** The prompt that these tokens continue, where it lies apart from them. */
  after?: Placement;
}

export interface ForwardBatch {
  /** Right-padded sequences, or prompts with their completions. */
  layout: { padded: BatchShape } | { shared: PromptClass[] };
  rows: number;
  placements: Placement[];
  /** For each sequence of the batch, by its index, the rows that are asked for. */
  wanted: Map<number, number[]>;
}

/** A sequence joins longer ones while it fills at least this share of their length. */
const FILL = 0.75;

const range = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

/**
 * Sequences without a wanted position appear in no batch.
 * @param packed  one batch without padding but that of completions of one prompt: for kernels that take sequences of any lengths
 *   side by side, as those of webgpu do
 */
export function planForward(
  sequences: Sequence[],
  positions: HiddenOptions['positions'],
  packed: boolean,
): ForwardBatch[] {
  const groups = positions === 'all' ? [...sequences.keys()].map(index => [index]) : byPrompt(sequences);
  const shared = groups.filter(group => group.length > 1);
  const inputs = groups
    .flatMap(group => (group.length > 1 ? [] : group))
    .map((index): Input => {
      const ids = inputIds(sequences[index]);
      const { images } = sequences[index].prompt;
      return { index, ids, images, first: positions === 'all' ? 0 : sequences[index].prompt.ids.length - 1 };
    })
    .filter(({ ids }) => ids.length > 0)
    .sort((a, b) => b.ids.length - a.ids.length || a.index - b.index);
  if (packed) return planPacked(sequences, inputs, shared);
  const batches = planPadded(inputs);
  return shared.length > 0 ? [...batches, ...planPacked(sequences, [], shared)] : batches;
}

/**
 * Where the wanted rows of the batches, one batch below the other, have those of each sequence in its turn.
 * @param sequences  how many were laid out
 */
export function rowOrder(batches: readonly ForwardBatch[], sequences: number): number[] {
  const rows = new Map<number, number[]>();
  let next = 0;
  for (const { wanted } of batches)
    for (const [index, { length }] of wanted) {
      rows.set(index, range(next, length));
      next += length;
    }
  return Array.from({ length: sequences }, (_, index) => rows.get(index) ?? []).flat();
}

/** A sequence that shares nothing. */
interface Input {
  index: number;
  /** All its tokens but the last, which predicts nothing that is asked for. */
  ids: Int32Array;
  images: ImagePatches[];
  /** The first wanted position; all later ones are wanted too. */
  first: number;
}

/** Indices of the sequences with a completion, those of equal prompts together. */
function byPrompt(sequences: Sequence[]): number[][] {
  const wanted = [...sequences.keys()].filter(index => sequences[index].completion.length > 0);
  return [...grouped(wanted, index => promptIdentity(sequences[index].prompt)).values()];
}

/** Items of equal keys, in their order. */
function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** @param inputs  the longest first */
function planPadded(inputs: Input[]): ForwardBatch[] {
  const buckets: Input[][] = [];
  for (const input of inputs) {
    const last = buckets.at(-1);
    if (last && input.ids.length >= FILL * last[0].ids.length) last.push(input);
    else buckets.push([input]);
  }
  return buckets.map(bucket => {
    const batch = emptyBatch();
    placeAll(batch, bucket, bucket[0].ids.length);
    return { layout: { padded: { batch: bucket.length, length: bucket[0].ids.length } }, ...batch };
  });
}

type Rows = Omit<ForwardBatch, 'layout'>;

function emptyBatch(): Rows {
  return { rows: 0, placements: [], wanted: new Map() };
}

/** Adds `inputs` to the batch, `length` rows each. */
function placeAll(batch: Rows, inputs: Input[], length: number): void {
  for (const { index, ids, images, first } of inputs) {
    batch.placements.push({ ids, images, start: batch.rows });
    batch.wanted.set(index, range(batch.rows + first, ids.length - first));
    batch.rows += length;
  }
}

/**
 * @param inputs  the longest first
 * @param groups  sequences of equal prompts
 */
function planPacked(sequences: Sequence[], inputs: Input[], groups: number[][]): ForwardBatch[] {
  const batch = emptyBatch();
  const alone = [...grouped(inputs, ({ ids }) => ids.length)].map(([length, members]): PromptClass => {
    placeAll(batch, members, length);
    const none = { batch: 0, length: 0 };
    return { prompts: { batch: members.length, length }, completions: none, promptOf: new Int32Array() };
  });
  const shared = [...grouped(groups, group => sequences[group[0]].prompt.ids.length).values()].map(members =>
    placeGroups(batch, sequences, members),
  );
  return batch.rows > 0 ? [{ layout: { shared: [...alone, ...shared] }, ...batch }] : [];
}

/** Adds groups whose prompts are of one length: the prompts, then all that continues them. */
function placeGroups(batch: Rows, sequences: Sequence[], members: number[][]): PromptClass {
  const { length } = sequences[members[0][0]].prompt.ids;
  const all = members.flat();
  // The last completion token predicts nothing that is asked for.
  const longest = Math.max(...all.map(index => sequences[index].completion.length - 1));
  const group: PromptClass = {
    prompts: { batch: members.length, length },
    completions: { batch: all.length, length: longest },
    promptOf: Int32Array.from(members.flatMap((same, prompt) => same.map(() => prompt))),
  };
  const completionsStart = batch.rows + members.length * length;
  const prompts = members.map((same, place): Placement => {
    const { ids, images } = sequences[same[0]].prompt;
    return { ids, images, start: batch.rows + place * length };
  });
  batch.placements.push(...prompts);
  all.forEach((index, place) => {
    const { completion } = sequences[index];
    const start = completionsStart + place * longest;
    const promptEnd = batch.rows + (group.promptOf[place] + 1) * length - 1;
    const after = prompts[group.promptOf[place]];
    batch.placements.push({ ids: completion.subarray(0, -1), images: [], start, after });
    batch.wanted.set(index, [promptEnd, ...range(start, completion.length - 1)]);
  });
  batch.rows += rowsOf(group);
  return group;
}

function inputIds({ prompt, completion }: Sequence): Int32Array {
  const ids = new Int32Array(prompt.ids.length + completion.length);
  ids.set(prompt.ids);
  ids.set(completion, prompt.ids.length);
  return ids.subarray(0, -1);
}
