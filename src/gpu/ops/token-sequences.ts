/**
 * Which rows of a batch are one sequence's: rows lie one after another, and a sequence may continue another one, as completions
 * do their prompt, whose rows are then there once for all of them. One table of numbers that kernels read, cheap enough to
 * go along with every dispatch.
 */

export interface TokenSequence {
  /** Its first row. */
  first: number;
  /** Rows of its own. */
  length: number;
  /** Index of the sequence that it continues, which continues none itself. */
  continues?: number;
}

/** Words of a sequence in the table. */
export const SEQUENCE_WORDS = 8;

/** Rows of a sequence that follow each other, cut into blocks. */
export interface Blocks {
  /** The table of sequences, and after it two words a block: its sequence, and where in that it begins. */
  table: Uint32Array;
  /** Where in the table the blocks begin. */
  first: number;
  count: number;
}

/** What the words are: `continued` says where in the table the sequences that continue this one are listed, as indices. */
const WORD = { first: 0, length: 1, pastFirst: 2, pastLength: 3, continued: 4, continuedCount: 5 } as const;

export class TokenSequences {
  /** Eight words a sequence, then the lists of those that continue one. */
  readonly table: Uint32Array;
  readonly count: number;
  /** Rows of the longest. */
  readonly longest: number;
  readonly rows: number;
  /** Positions that a sequence's rows reach with what it continues. */
  readonly positions: number;
  readonly #lengths: readonly number[];
  readonly #blocks = new Map<number, Blocks>();

  /** @param sequences  in the order of their rows, together all rows */
  constructor(sequences: readonly TokenSequence[]) {
    this.count = sequences.length;
    this.#lengths = sequences.map(({ length }) => length);
    this.longest = Math.max(0, ...this.#lengths);
    this.rows = sequences.reduce((sum, { length }) => sum + length, 0);
    const pastOf = ({ continues }: TokenSequence): number =>
      continues === undefined ? 0 : sequences[continues].length;
    this.positions = Math.max(0, ...sequences.map(sequence => pastOf(sequence) + sequence.length));
    const continued = sequences.map((): number[] => []);
    sequences.forEach(({ continues }, i) => {
      if (continues !== undefined) continued[continues].push(i);
    });
    this.table = new Uint32Array(this.count * SEQUENCE_WORDS + continued.flat().length);
    let list = this.count * SEQUENCE_WORDS;
    sequences.forEach(({ first, length, continues }, i) => {
      const past = continues === undefined ? { first: 0, length: 0 } : sequences[continues];
      const words = [first, length, past.first, past.length, list, continued[i].length];
      this.table.set(words, i * SEQUENCE_WORDS);
      this.table.set(continued[i], list);
      list += continued[i].length;
    });
  }

  /** Whether all are of one length and none continues another. */
  get even(): boolean {
    return this.count * this.longest === this.rows && this.table.length === this.count * SEQUENCE_WORDS;
  }

  /** Blocks of `rows` rows, the last of a sequence of what is left: for kernels of which none is to have nothing to do. */
  blocks(rows: number): Blocks {
    let blocks = this.#blocks.get(rows);
    if (!blocks) {
      const words = this.#lengths.flatMap((length, i) =>
        Array.from({ length: Math.ceil(length / rows) }, (_, block) => [i, block * rows]).flat(),
      );
      const first = this.table.length;
      blocks = { table: Uint32Array.from([...this.table, ...words]), first, count: words.length / 2 };
      this.#blocks.set(rows, blocks);
    }
    return blocks;
  }

  /** `batch` sequences of `length` tokens, side by side. */
  static padded(batch: number, length: number): TokenSequences {
    return new TokenSequences(Array.from({ length: batch }, (_, i) => ({ first: i * length, length })));
  }
}

/**
 * `Sequence`, `sequence(i)`, `sequenceOf(row, count)`, the index of a row's sequence among `count`, and `continuation(s, j)`, the
 * index of the j-th that continues s. A sequence's row t stands at position pastLength + t and sees the pastLength rows from
 * pastFirst on, then its own up to t.
 */
export function sequencesWgsl(binding: number): string {
  const read = (word: keyof typeof WORD): string => `sequences[i * ${SEQUENCE_WORDS}u + ${WORD[word]}u]`;
  return `@group(0) @binding(${binding}) var<storage, read> sequences: array<u32>;
struct Sequence { first: u32, length: u32, pastFirst: u32, pastLength: u32, continued: u32, continuedCount: u32 }
fn sequence(i: u32) -> Sequence {
  return Sequence(${(Object.keys(WORD) as (keyof typeof WORD)[]).map(read).join(', ')});
}
// The last that begins at or before the row: an empty one begins where the next one does.
fn sequenceOf(row: u32, count: u32) -> u32 {
  var low = 0u;
  var high = count;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (sequences[middle * ${SEQUENCE_WORDS}u + ${WORD.first}u] <= row) { low = middle; } else { high = middle; }
  }
  return low;
}
fn continuation(s: Sequence, j: u32) -> u32 { return sequences[s.continued + j]; }
`;
}
