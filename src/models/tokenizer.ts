/** A model's own tokenizer.json, read by @huggingface/tokenizers, with special tokens found by their strings. */
import { Tokenizer } from '@huggingface/tokenizers';
import { byteAlphabet } from './byte-alphabet.ts';
import { ModelFormatError } from './errors.ts';
import type { ModelFolder } from './folder.ts';
import type { PolicyTokenizer } from './policy.ts';

/** A token as tokenizer_config.json writes it: its string, or an object with the string as `content`. */
function tokenString(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'content' in value && typeof value.content === 'string')
    return value.content;
  return undefined;
}

const asIds = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isInteger(id));

export class HubTokenizer implements PolicyTokenizer {
  readonly eosIds: number[];
  readonly padId: number;

  private constructor(
    private readonly tokenizer: Tokenizer,
    /** tokenizer_config.json's special tokens by role (`bos_token`, …), for the chat template. */
    readonly specialTokens: Record<string, string>,
    generation: Record<string, unknown>,
    modelConfig: Record<string, unknown>,
  ) {
    const named = specialTokens.eos_token === undefined ? undefined : this.idOf(specialTokens.eos_token);
    this.eosIds = [
      ...new Set([...asIds(named), ...asIds(generation.eos_token_id ?? modelConfig.eos_token_id)]),
    ];
    if (this.eosIds.length === 0)
      throw new ModelFormatError('tokenizer-invalid', {
        message:
          'No end-of-turn token is named: give eos_token in tokenizer_config.json or eos_token_id in generation_config.json.',
      });
    const pad = specialTokens.pad_token === undefined ? undefined : this.idOf(specialTokens.pad_token);
    this.padId = pad ?? asIds(generation.pad_token_id ?? modelConfig.pad_token_id)[0] ?? this.eosIds[0];
  }

  /** @throws {ModelFormatError} file-missing, file-not-json, tokenizer-invalid */
  static async open(folder: ModelFolder, modelConfig: Record<string, unknown>): Promise<HubTokenizer> {
    const file = await folder.json('tokenizer.json');
    const config = (await folder.findJson('tokenizer_config.json')) ?? {};
    const generation = (await folder.findJson('generation_config.json')) ?? {};
    const special: Record<string, string> = {};
    for (const [key, value] of Object.entries(config)) {
      const token = key.endsWith('_token') ? tokenString(value) : undefined;
      if (token !== undefined) special[key] = token;
    }
    let tokenizer: Tokenizer;
    try {
      tokenizer = new Tokenizer(file, config);
      probe(tokenizer);
    } catch (cause) {
      throw new ModelFormatError('tokenizer-invalid', {
        message: `tokenizer.json cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      });
    }
    return new HubTokenizer(tokenizer, special, generation, modelConfig);
  }

  encode(text: string): Int32Array {
    return Int32Array.from(this.tokenizer.encode(text, { add_special_tokens: false }).ids);
  }

  decode(ids: ArrayLike<number>, options: { skipSpecial?: boolean } = {}): string {
    if (ids.length === 0) return '';
    return this.tokenizer.decode(Array.from(ids), {
      skip_special_tokens: options.skipSpecial ?? false,
      clean_up_tokenization_spaces: false,
    });
  }

  idOf(token: string): number | undefined {
    return this.tokenizer.token_to_id(token);
  }

  bytesById(): (Uint8Array | undefined)[] {
    const byteOf = new Map(byteAlphabet().map((char, byte) => [char, byte]));
    const added = this.tokenizer.get_added_tokens_decoder();
    const bytes: (Uint8Array | undefined)[] = [];
    for (const [token, id] of this.tokenizer.get_vocab(true)) {
      if (added.has(id)) continue;
      const own = Array.from(token, char => byteOf.get(char));
      if (own.includes(undefined))
        throw new ModelFormatError('tokenizer-unfit', {
          message: `Replies can be held to actions with byte-level tokenizers only, and this one has the token "${token}". Switch constrain_actions off.`,
        });
      bytes[id] = Uint8Array.from(own as number[]);
    }
    return bytes;
  }

  /** Every token's string by its id. */
  tokensById(): Map<number, string> {
    return new Map([...this.tokenizer.get_vocab(true)].map(([token, id]) => [id, token]));
  }
}

/** A damaged file may show only in use, as an error or as ids that are none. */
function probe(tokenizer: Tokenizer): void {
  const { ids } = tokenizer.encode('<|im_start|>user\nClick the "Ok" button, it\'s 12 é 数\n\n', {
    add_special_tokens: false,
  });
  if (!ids.every(id => Number.isInteger(id) && id >= 0)) throw new Error(`it gives the ids ${ids.join()}`);
  tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
}
