/** A GGUF file's vocabulary as the tokenizer.json and tokenizer_config.json that it was made from. */
import { ModelFormatError } from '../errors.ts';
import type { GgufFile } from './file.ts';

/** ggml's kinds of tokens. */
const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE] = [1, 2, 3, 4, 5, 6];

/** The rule by which text is cut before byte pairs are merged; llama.cpp's `lfm2` is that of Llama 3. */
const LLAMA_3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const RULES: Record<string, string> = { lfm2: LLAMA_3, 'llama-bpe': LLAMA_3 };

/** @throws {ModelFormatError} tokenizer-invalid, gguf-invalid */
export function tokenizerJson(file: GgufFile): Record<string, unknown> {
  const model = file.text('tokenizer.ggml.model');
  const rule = RULES[file.text('tokenizer.ggml.pre', 'lfm2')];
  if (model !== 'gpt2' || !rule)
    throw new ModelFormatError('tokenizer-invalid', {
      message: `${file.name}: its tokenizer is ${model}/${file.text('tokenizer.ggml.pre', '')}; byte-level BPE with the rule ${Object.keys(RULES).join(' or ')} is read. Put the model's tokenizer.json beside the file.`,
    });
  const tokens = file.texts('tokenizer.ggml.tokens');
  const kinds = file.numbers(
    'tokenizer.ggml.token_type',
    tokens.map(() => NORMAL),
  );
  const rows = file.tensors.get('token_embd.weight')?.shape[0];
  if (kinds.length !== tokens.length || (rows !== undefined && rows < tokens.length))
    throw new ModelFormatError('tokenizer-invalid', {
      message: `${file.name}: ${tokens.length} tokens, ${kinds.length} kinds of tokens and ${rows} rows of the embedding do not go together.`,
    });
  const ids = tokens.map((content, id) => ({ content, id, kind: kinds[id] }));
  const added = ids.filter(({ kind }) => kind === CONTROL || kind === USER_DEFINED || kind === UNKNOWN);
  // The added ones too: an exported file's reader in Rust numbers anew what the model's own vocabulary lacks.
  const used = ids.filter(({ kind }) => kind !== UNUSED);
  const odd = ids.find(({ kind }) => ![NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE].includes(kind));
  if (odd)
    throw new ModelFormatError('tokenizer-invalid', {
      message: `${file.name}: token ${odd.id} is of an unknown kind, ${odd.kind}.`,
    });
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: '1.0',
    added_tokens: added.map(({ content, id, kind }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: kind === USER_DEFINED,
      special: kind !== USER_DEFINED,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: rule }, behavior: 'Isolated', invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: Object.fromEntries(used.map(({ content, id }) => [content, id])),
      merges: file.texts('tokenizer.ggml.merges').map(merge => merge.split(' ')),
    },
  };
}

/** Roles of special tokens, by the string of their id. */
export function tokenizerConfig(file: GgufFile): Record<string, unknown> {
  const tokens = file.texts('tokenizer.ggml.tokens');
  const config: Record<string, unknown> = { tokenizer_class: 'PreTrainedTokenizerFast' };
  for (const [role, key] of [
    ['bos_token', 'bos_token_id'],
    ['eos_token', 'eos_token_id'],
    ['pad_token', 'padding_token_id'],
  ]) {
    const id = file.number(`tokenizer.ggml.${key}`, -1);
    if (tokens[id] !== undefined) config[role] = tokens[id];
  }
  return config;
}
