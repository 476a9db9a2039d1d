/** What a policy is to the rest of the system: rollout and trainer code against this file and know no model family. */
import type * as tf from '@tensorflow/tfjs-core';
import type { PackedWeight } from '../gpu/index.ts';
import type { FileSource, ModelFile } from './file-source.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string | ({ type: 'text'; text: string } | { type: 'image' })[];
}

/** 8-bit pixels in rows from the top left; the fourth channel, if any, is ignored. */
export interface Pixels {
  width: number;
  height: number;
  channels: 3 | 4;
  data: Uint8Array | Uint8ClampedArray;
}

/** One image or one tile of an image, cut into patches as the vision tower reads them. */
export interface ImagePatches {
  /** [rows · columns, patchSize · patchSize · 3], 0 to 255, channel last in a patch, patches in raster order. */
  bytes: Uint8Array;
  rows: number;
  columns: number;
  /** Hash of content and grid: equal images share one encoding while the vision side is frozen. */
  key: string;
}

export interface Prompt {
  /** Tokens with image placeholders expanded, one placeholder per image feature. */
  ids: Int32Array;
  /** In the order of their placeholders. */
  images: ImagePatches[];
  /** The rendered chat template, before image expansion. */
  text: string;
}

export interface Sequence {
  prompt: Prompt;
  completion: Int32Array;
}

export interface DecodeState {
  /** [sequences, D], after the final norm, at each sequence's last token. Owned by the state; replaced by `step`. */
  readonly hidden: tf.Tensor2D;
  /** A new state of rows.length sequences; row i continues rows[i] of this one. This one stays valid. */
  fork(rows: Int32Array): DecodeState;
  /** Appends one token to every sequence and replaces `hidden`. */
  step(tokens: Int32Array): Promise<void> | void;
  dispose(): void;
}

export interface SamplingOptions {
  /** New tokens of a sequence. */
  maxTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Keeps the k most likely tokens; 0 keeps all. */
  topK: number;
  /** Keeps the smallest set of likely tokens with this much probability; 1 keeps all. */
  topP: number;
  /** Keeps tokens with at least this share of the most likely one's probability; null keeps all. */
  minP: number | null;
  /** Divides (multiplies, where negative) the logits of tokens in prompt and completion; 1 for none. */
  repetitionPenalty: number;
}

export interface DecodeRequest {
  prompt: Prompt;
  /** Equal for equal prompts, which are computed once. */
  identity: string;
  /** Names the sequence's random draws; the token's number is mixed in. */
  key: number;
}

export interface Completion {
  ids: Int32Array;
  /** [ids.length], log_softmax(logits / temperature) at the tokens, over the whole vocabulary. */
  logps: Float32Array;
  /** A stop token came; it is the last of `ids`. */
  ended: boolean;
}

/** Generation as one running batch on the GPU. */
export interface Decoder {
  /**
   * Completions of `requests`, in order. May be called while it runs: the sequences join those under way, as long as they
   * sample alike. The weights count as they are when a call finds none under way.
   */
  generate(requests: readonly DecodeRequest[], sampling: SamplingOptions): Promise<Completion[]>;
  /** Frees the cache of keys and values, unless sequences are under way: the next call makes it anew. */
  rest(): void;
}

export interface PolicyTokenizer {
  /** Ids of `text`; special tokens written in the text become their ids, none is added. */
  encode(text: string): Int32Array;
  decode(ids: ArrayLike<number>, options?: { skipSpecial?: boolean }): string;
  /** Tokens that end a completion, the chat template's end-of-turn first. */
  readonly eosIds: number[];
  readonly padId: number;
  /** The id of one token by its exact string, or undefined. */
  idOf(token: string): number | undefined;
  /**
   * What each token of the text is, by its id; undefined for special tokens.
   * @throws {ModelFormatError} tokenizer-unfit for a tokenizer that is not byte-level
   */
  bytesById(): (Uint8Array | undefined)[];
}

export interface PolicyInfo {
  /** `lfm2` or `lfm2_vl`. */
  family: string;
  parameters: number;
  trainableParameters: number;
  hiddenSize: number;
  layers: number;
  /** Rows of the embedding and of the head. */
  vocabularySize: number;
  hasVision: boolean;
}

export type TrainableSpec =
  | {
      kind: 'lora';
      r: number;
      alpha: number;
      /** PEFT's target_modules: suffixes, or a regular expression for the whole name; null takes every linear of the language model. */
      targets: string | string[] | null;
      useRslora: boolean;
      /** Share of each branch's inputs that an update drops. Default 0. */
      dropout?: number;
      seed: number;
    }
  | { kind: 'full'; vision: boolean }
  | { kind: 'none' };

export interface TrainableParameter {
  /** As in the exported file. */
  name: string;
  variable: tf.Variable;
}

export interface HiddenOptions {
  /** false leaves the LoRA branch out: the reference policy. Default true. */
  adapter?: boolean;
  /** Names the masks of the adapter's dropout (hashKey); without it nothing is dropped. For the update alone. */
  dropoutKey?: number;
  /** `completion` (default): states that predict each completion token. `all`: those that predict every token after the first. */
  positions?: 'completion' | 'all';
}

export interface ModelExportOptions {
  /** Default F32. */
  dtype?: 'F32' | 'F16' | 'BF16';
  /** Weights beyond that are split over several files; default 2 GB. */
  shardBytes?: number;
}

export interface Policy {
  readonly info: PolicyInfo;
  readonly tokenizer: PolicyTokenizer;
  /** Ids that must never be sampled: image placeholders and markers, and rows of the head that no token has. */
  readonly bannedIds: Int32Array;
  /** [V, D], tied to the embedding or the model's own; packed where the weights are. Do not dispose. */
  readonly head: tf.Tensor2D | PackedWeight;

  /** Renders the chat with the generation prompt, cuts images into patches and tokenizes. */
  prepare(messages: ChatMessage[], images: Pixels[]): Prompt;

  /** Differentiable hidden states after the final norm, [sum over sequences, D], sequences in order. */
  hidden(sequences: Sequence[], options?: HiddenOptions): tf.Tensor2D;

  /** Runs the prompts as one batch and keeps caches with room for `capacity` new tokens. Not differentiable. */
  prefill(prompts: Prompt[], capacity: number, options?: { adapter?: boolean }): DecodeState;

  /** Whether `decoder` gives the plan where there is one. Default true. */
  decodePlan: boolean;

  /** Whether the gradient of `hidden` computes each layer again instead of keeping what it needs: less memory, more time. Default false. */
  gradientCheckpointing: boolean;

  /** The decode plan of this model on this backend, or null where none is or is wanted: then `prefill` and `DecodeState.step` do. */
  decoder(): Decoder | null;

  /** Chooses what trains, replacing any earlier choice; a LoRA adapter starts as PEFT initialises it (B = 0). */
  setTrainable(spec: TrainableSpec): void;

  /** Stable order. */
  trainable(): TrainableParameter[];

  /** adapter_config.json and adapter_model.safetensors, as PEFT writes them. */
  exportAdapter(baseName: string): Promise<Map<string, Uint8Array>>;

  /** Loads a PEFT adapter and makes it what trains. @param dropout  in place of the file's, which says how it was trained. */
  importAdapter(files: Map<string, Blob>, dropout?: number): Promise<void>;

  /** The whole folder in Hub layout, LoRA merged. @throws {ModelFormatError} export-overflow where F16 cannot hold a weight */
  exportModel(options?: ModelExportOptions): Promise<Map<string, Uint8Array>>;

  dispose(): void;
}

/** Where a model folder is: below a URL, its files by name (paths relative to the folder), or a source of files. */
export type PolicySource = { url: string } | { files: ReadonlyMap<string, ModelFile> } | FileSource;

/** Bytes read so far and in all (0 while unknown). */
export type LoadProgress = (loaded: number, total: number, file: string) => void;
