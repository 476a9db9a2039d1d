/** Byte-level BPE training (Sennrich et al. 2016, GPT-2's byte alphabet): the embedded policy's own tokenizer.json. */
import { byteAlphabet } from '../../src/models/byte-alphabet.ts';

/** LFM2's pre-tokenizer rule as JavaScript can run it; tokenizer.json carries the original spelling. */
const WORDS =
  /'(?:s|t|re|ve|m|ll|d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/giu;

/** The same rule as written in LFM2's tokenizer.json. */
const WORDS_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

interface Word {
  symbols: string[];
  count: number;
}

/**
 * Learns merges from `texts` until the vocabulary has `vocabularySize` entries (special tokens included) or no pair repeats.
 * Ties go to the pair that sorts first, so that the same texts give the same tokenizer.
 * @returns the contents of tokenizer.json, in the layout that @huggingface/tokenizers and transformers read.
 */
export function trainTokenizer(texts: string[], specialTokens: string[], vocabularySize: number): object {
  const alphabet = byteAlphabet();
  const encoder = new TextEncoder();
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const word of text.match(WORDS) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  // Square roots: what stands in every prompt would otherwise take all merges, and a label that decides an episode would
  // lie in pieces. A policy of a million parameters finds a word far sooner when it is one token wherever it stands.
  const words: Word[] = [...counts].map(([word, count]) => ({
    symbols: Array.from(encoder.encode(word), b => alphabet[b]),
    count: Math.sqrt(count),
  }));

  const vocabulary = [...specialTokens, ...[...alphabet].sort()];
  const merges: [string, string][] = [];
  while (vocabulary.length < vocabularySize) {
    const pair = mostFrequentPair(words);
    if (!pair) break;
    merges.push(pair);
    const merged = pair.join('');
    if (!vocabulary.includes(merged)) vocabulary.push(merged);
    for (const word of words) applyMerge(word, pair, merged);
  }
  return tokenizerJson(vocabulary, merges, specialTokens);
}

function mostFrequentPair(words: Word[]): [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const { symbols, count } of words)
    for (let i = 1; i < symbols.length; i++) {
      // Byte symbols never contain a space, so it separates the two halves of a key.
      const key = `${symbols[i - 1]} ${symbols[i]}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  let best: string | undefined;
  let most = 1;
  for (const [key, count] of counts)
    if (count > most || (count === most && best !== undefined && key < best)) {
      best = key;
      most = count;
    }
  return best?.split(' ') as [string, string] | undefined;
}

function applyMerge(word: Word, [left, right]: [string, string], merged: string): void {
  const { symbols } = word;
  for (let i = 0; i + 1 < symbols.length; i++)
    if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, merged);
}

function tokenizerJson(vocabulary: string[], merges: [string, string][], specialTokens: string[]): object {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges,
    },
  };
}
