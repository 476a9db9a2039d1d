/** Lays sequences out for as few token rows as possible: prompts that several share are computed once, the rest is padded little. */
import type { HiddenOptions, ImagePatches, Sequence } from '../policy.ts';
import type { BatchShape } from '../../gpu/index.ts';
import { rowsOf, type PromptClass } from '../lfm2/shared-prompts.ts';

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
export const FILL = 0.75;

/**
 * The same where a batch of its own costs more than the padding it saves: a real GPU takes its hundreds of dispatches
 * longer than the tokens of a small model.
 */
export const LOOSE_FILL = 0.3;

const range = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

/** Sequences without a wanted position appear in no batch. */
export function planForward(
  sequences: Sequence[],
  positions: HiddenOptions['positions'],
  fill = FILL,
): ForwardBatch[] {
  if (positions === 'all') return planPadded(sequences, [...sequences.keys()], fill, () => 0);
  const groups = new Map<string, number[]>();
  sequences.forEach(({ prompt, completion }, index) => {
    if (completion.length === 0) return;
    const key = `${prompt.ids.join()} ${prompt.images.map(image => image.key).join()}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const shared = [...groups.values()].filter(group => group.length > 1);
  const alone = [...groups.values()].flatMap(group => (group.length > 1 ? [] : group));
  const batches = planPadded(sequences, alone, fill, ({ prompt }) => prompt.ids.length - 1);
  return shared.length > 0 ? [...batches, planShared(sequences, shared)] : batches;
}

/**
 * @param fill  least share of a batch's length that a sequence of it fills
 * @param first  the first wanted position of a sequence; all later ones but the last token's are wanted too
 */
function planPadded(
  sequences: Sequence[],
  members: number[],
  fill: number,
  first: (sequence: Sequence) => number,
): ForwardBatch[] {
  const inputs = members
    .map(index => ({ index, ids: inputIds(sequences[index]) }))
    .filter(({ ids }) => ids.length > 0)
    .sort((a, b) => b.ids.length - a.ids.length || a.index - b.index);
  const buckets: (typeof inputs)[] = [];
  for (const input of inputs) {
    const last = buckets.at(-1);
    if (last && input.ids.length >= fill * last[0].ids.length) last.push(input);
    else buckets.push([input]);
  }
  return buckets.map(bucket => {
    const length = bucket[0].ids.length;
    return {
      layout: { padded: { batch: bucket.length, length } },
      rows: bucket.length * length,
      placements: bucket.map(({ index, ids }, place) => ({
        ids,
        images: sequences[index].prompt.images,
        start: place * length,
      })),
      wanted: new Map(
        bucket.map(({ index, ids }, place) => {
          const from = first(sequences[index]);
          return [index, range(place * length + from, ids.length - from)];
        }),
      ),
    };
  });
}

/** @param groups  sequences of equal prompts */
function planShared(sequences: Sequence[], groups: number[][]): ForwardBatch {
  const byLength = new Map<number, number[][]>();
  for (const group of groups) {
    const { length } = sequences[group[0]].prompt.ids;
    byLength.set(length, [...(byLength.get(length) ?? []), group]);
  }
  const batch = { rows: 0, placements: [] as Placement[], wanted: new Map<number, number[]>() };
  const classes = [...byLength].map(([length, members]): PromptClass => {
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
  });
  return { layout: { shared: classes }, ...batch };
}

/** All tokens of a sequence but the last, which predicts nothing that is asked for. */
function inputIds({ prompt, completion }: Sequence): Int32Array {
  const ids = new Int32Array(prompt.ids.length + completion.length);
  ids.set(prompt.ids);
  ids.set(completion, prompt.ids.length);
  return ids.subarray(0, -1);
}
