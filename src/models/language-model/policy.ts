/** A language model of any family as a policy, with or without a vision side. */
import * as tf from '@tensorflow/tfjs-core';
import { embed, gpuBackend, type GpuBackend, type PackedWeight } from '../../gpu/index.ts';
import type { ChatTemplate } from '../chat-template.ts';
import { ModelInputError } from '../errors.ts';
import { LoraAdapter } from '../lora/adapter.ts';
import type { ModelFiles } from '../model-files.ts';
import type { Parameters } from '../parameters.ts';
import type {
  ChatMessage,
  Decoder,
  DecodeState,
  HiddenOptions,
  ImagePatches,
  ModelExportOptions,
  Pixels,
  Policy,
  PolicyInfo,
  Prompt,
  Sequence,
  TrainableParameter,
  TrainableSpec,
} from '../policy.ts';
import type { HubTokenizer } from '../tokenizer.ts';
import { WeightView } from '../weight-view.ts';
import { embedBatch, featureRows, firstColumns } from './embed-batch.ts';
import type {
  EmbeddedBatch,
  ImageFeatures,
  LanguageModel,
  ReferenceImage,
  Vision,
} from './language-model.ts';
import { planForward, rowOrder } from './plan.ts';

/** Keys and values of generation: 2 GiB is 64 sequences of 2,000 tokens of an 1.6B model. */
const CACHE_BYTES = 2 * 2 ** 30;

export interface LanguagePolicyParts {
  family: string;
  model: LanguageModel;
  parameters: Parameters;
  tokenizer: HubTokenizer;
  template: ChatTemplate;
  vision: Vision | null;
  bannedIds: Int32Array;
  files: ModelFiles;
  /** LoRA targets when none are named. */
  defaultTargets: string;
  /** Whether a module, by canonical path, belongs to the vision side. */
  isVision: (path: string) => boolean;
}

export class LanguagePolicy implements Policy {
  readonly tokenizer: HubTokenizer;
  readonly bannedIds: Int32Array;
  decodePlan = true;
  gradientCheckpointing = false;
  #adapter: LoraAdapter | null = null;
  #decoder: { gpu: GpuBackend; decoder: (Decoder & { dispose(): void }) | null } | null = null;

  constructor(private readonly parts: LanguagePolicyParts) {
    this.tokenizer = parts.tokenizer;
    this.bannedIds = parts.bannedIds;
  }

  get info(): PolicyInfo {
    const { family, model, parameters, vision } = this.parts;
    return {
      family,
      parameters: parameters.count(),
      trainableParameters: this.trainable().reduce((sum, { variable }) => sum + variable.size, 0),
      hiddenSize: model.config.hiddenSize,
      layers: model.config.layers.length,
      vocabularySize: model.config.vocabularySize,
      hasVision: vision !== null,
    };
  }

  get head(): tf.Tensor2D | PackedWeight {
    return this.parts.parameters.matrix(this.parts.model.headName);
  }

  prepare(messages: ChatMessage[], images: Pixels[]): Prompt {
    const { template, vision } = this.parts;
    if (vision) return vision.prepare(messages, images, chat => template.render(chat));
    if (images.length > 0)
      throw new ModelInputError('no-vision', {
        message: `This model (${this.parts.family}) reads text only; choose one with vision, or turn the screenshot off.`,
      });
    const text = template.render(messages);
    return { ids: this.tokenizer.encode(text), images: [], text };
  }

  hidden(sequences: Sequence[], options: HiddenOptions = {}): tf.Tensor2D {
    // Scoring and updating need the memory for activations.
    this.#decoder?.decoder?.rest();
    return tf.tidy(() => {
      const { model } = this.parts;
      const view = this.#view(options.adapter, options.dropoutKey, this.gradientCheckpointing);
      const batches = planForward(sequences, options.positions, gpuBackend() !== null);
      if (batches.length === 0) return tf.zeros([0, model.config.hiddenSize]) as tf.Tensor2D;
      const features = this.#features(
        batches.flatMap(({ placements }) => placements),
        view,
        options.adapter,
      );
      const parts = batches.map((batch, place) => {
        const wanted = Int32Array.from([...batch.wanted.values()].flat());
        return model.forward(view.again(place), this.#embed(view, batch, features), wanted);
      });
      const all = parts.length === 1 ? parts[0] : tf.concat(parts, 0);
      const order = rowOrder(batches, sequences.length);
      return order.every((from, to) => from === to) ? all : embed(all, tf.tensor1d(order, 'int32'));
    });
  }

  prefill(prompts: Prompt[], capacity: number, options: { adapter?: boolean } = {}): DecodeState {
    const view = this.#view(options.adapter);
    const lengths = Int32Array.from(prompts, prompt => prompt.ids.length);
    const length = Math.max(...lengths);
    let state: DecodeState;
    // The state keeps its own tensors; what was made on the way goes.
    tf.tidy(() => {
      const embedded = this.#embedPadded(view, prompts, length, options.adapter);
      state = this.parts.model.prefill(view, embedded, lengths, capacity);
    });
    return state!;
  }

  decoder(): Decoder | null {
    const gpu = gpuBackend();
    if (!gpu || !this.decodePlan) return null;
    // Made anew for a new device: the old one's buffers are gone with it.
    if (this.#decoder?.gpu !== gpu) {
      const decoder = this.parts.model.decoder?.({
        gpu,
        banned: this.bannedIds,
        eosIds: this.tokenizer.eosIds,
        view: () => this.#view(),
        embed: (view, prompts, length) => this.#embedPadded(view, prompts, length).x,
        cacheBytes: CACHE_BYTES,
      });
      this.#decoder = { gpu, decoder: decoder ?? null };
    }
    return this.#decoder.decoder;
  }

  #embedPadded(
    view: WeightView,
    prompts: Pick<Prompt, 'ids' | 'images'>[],
    length: number,
    adapter?: boolean,
  ): EmbeddedBatch {
    const batch = {
      layout: { padded: { batch: prompts.length, length } },
      placements: prompts.map(({ ids, images }, place) => ({ ids, images, start: place * length })),
      rows: prompts.length * length,
    };
    return this.#embed(view, batch, this.#features(prompts, view, adapter));
  }

  /** What a processor of transformers made of images, as `Prompt.images` holds it: for tests against a reference. */
  referenceImages(values: Float32Array, shape: readonly number[], grids: Int32Array): ReferenceImage[] {
    return this.#needVision().referenceImages(values, shape, grids);
  }

  /** Features of images as they replace placeholders, one below the other: for tests against a reference. */
  imageFeatures(images: ImagePatches[], options: { adapter?: boolean } = {}): tf.Tensor2D {
    return tf.tidy(() => {
      const vision = this.#needVision();
      const view = this.#view(options.adapter);
      const encoded = vision.encode(images, view, this.#visionIsFrozen(options.adapter));
      const rows = images.flatMap(image => featureRows(vision, image, encoded));
      const features = firstColumns(encoded.features, this.parts.model.config.hiddenSize);
      return tf.gather(features, tf.tensor1d(rows, 'int32'));
    });
  }

  setTrainable(spec: TrainableSpec): void {
    const { parameters, vision, defaultTargets } = this.parts;
    const adapter =
      spec.kind === 'lora'
        ? LoraAdapter.init(
            {
              r: spec.r,
              alpha: spec.alpha,
              useRslora: spec.useRslora,
              targetModules: spec.targets ?? defaultTargets,
              excludeModules: null,
              rankPattern: {},
              alphaPattern: {},
              dropout: spec.dropout ?? 0,
            },
            parameters.linears(),
            spec.seed,
          )
        : null;
    this.#useAdapter(adapter);
    parameters.setTrainable(({ vision: isVision }) => spec.kind === 'full' && (!isVision || spec.vision));
    vision?.clear();
  }

  trainable(): TrainableParameter[] {
    return this.#adapter?.trainable() ?? this.parts.parameters.trainable();
  }

  async exportAdapter(baseName: string): Promise<Map<string, Uint8Array>> {
    if (!this.#adapter)
      throw new ModelInputError('no-adapter', {
        message:
          'There is no LoRA adapter to export: this run trains the whole model. Export the model instead.',
      });
    const { files, parameters } = this.parts;
    return this.#adapter.export(baseName, files.modules(parameters));
  }

  async importAdapter(files: Map<string, Blob>, dropout?: number): Promise<void> {
    const { parameters, vision, files: model } = this.parts;
    const adapter = await LoraAdapter.load(
      files,
      parameters.linears(),
      model.canonical,
      path => model.isUnused(path),
      dropout,
    );
    this.#useAdapter(adapter);
    parameters.setTrainable(() => false);
    vision?.clear();
  }

  exportModel(options: ModelExportOptions = {}): Promise<Map<string, Uint8Array>> {
    const { files, parameters } = this.parts;
    return files.export(parameters, this.#adapter, options.dtype ?? 'F32', options.shardBytes);
  }

  dispose(): void {
    this.#decoder?.decoder?.dispose();
    this.#decoder = null;
    this.parts.vision?.clear();
    this.#useAdapter(null);
    this.parts.model.dispose();
    this.parts.parameters.dispose();
  }

  #needVision(): Vision {
    const { vision } = this.parts;
    if (vision) return vision;
    throw new ModelInputError('no-vision', { message: `${this.parts.family} reads text only.` });
  }

  #useAdapter(adapter: LoraAdapter | null): void {
    this.#adapter?.dispose();
    this.#adapter = adapter;
  }

  #view(adapter = true, dropoutKey: number | null = null, recomputes = false): WeightView {
    return new WeightView(this.parts.parameters, adapter ? this.#adapter : null, dropoutKey, recomputes);
  }

  #visionIsFrozen(adapter = true): boolean {
    const { parameters, isVision } = this.parts;
    const trains = parameters.specs().some(({ name, vision }) => vision && parameters.isTrainable(name));
    return !trains && !(adapter && this.#adapter?.some(isVision));
  }

  #features(
    inputs: { images: ImagePatches[] }[],
    view: WeightView,
    adapter: boolean | undefined,
  ): ImageFeatures | undefined {
    const images = inputs.flatMap(input => input.images);
    return images.length > 0
      ? this.parts.vision!.encode(images, view, this.#visionIsFrozen(adapter))
      : undefined;
  }

  #embed(
    view: WeightView,
    batch: Pick<EmbeddedBatch, 'layout' | 'placements' | 'rows'>,
    images: ImageFeatures | undefined,
  ): EmbeddedBatch {
    return embedBatch({ ...this.parts, padId: this.tokenizer.padId }, view, batch, images);
  }
}
