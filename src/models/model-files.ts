/** The files of a loaded model: what goes back into an exported folder beside the weights that were computed with. */
import { ModelFolder } from './folder.ts';
import { HEAD } from './head.ts';
import type { LoraAdapter } from './lora/adapter.ts';
import type { Canonical, Parameters } from './parameters.ts';
import type { Dtype } from './safetensors/dtype.ts';
import { encodeTensor, SHARD_BYTES, writeModelWeights, type EncodedTensor } from './safetensors/write.ts';
import type { WeightSource } from './weight-source.ts';

/** Files that a folder may have and that an export copies. */
const COPIED = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'chat_template.json',
  'processor_config.json',
  'preprocessor_config.json',
  'video_preprocessor_config.json',
];

const DTYPE_NAMES = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

export class ModelFiles {
  constructor(
    private readonly folder: ModelFolder,
    private readonly config: Record<string, unknown>,
    readonly canonical: Canonical,
    /** null for a freshly initialised model. */
    private readonly weights: WeightSource | null,
  ) {}

  /** Whether a module, by canonical path, exists in models of this kind but takes no part in the forward pass. */
  isUnused(path: string): boolean {
    // SigLIP2's pooling head, which LFM2-VL bypasses and transformers saves all the same.
    return path.startsWith('model.vision_tower.head.');
  }

  /** Canonical paths of all modules that hold parameters, or modules that do. */
  modules(parameters: Parameters): Set<string> {
    const names = [
      ...parameters.specs().map(({ name }) => name),
      ...(this.weights?.names() ?? []).map(this.canonical),
    ];
    const modules = new Set<string>();
    for (const name of names)
      for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1))
        modules.add(name.slice(0, end));
    return modules;
  }

  /**
   * The whole folder in Hub layout; the adapter, if any, merged: W + scaling · B A.
   * @param shardBytes  weights beyond that are split over several files
   * @throws {ModelFormatError} export-overflow
   */
  async export(
    parameters: Parameters,
    adapter: LoraAdapter | null,
    dtype: Exclude<Dtype, 'I32'>,
    shardBytes = SHARD_BYTES,
  ): Promise<Map<string, Uint8Array>> {
    const tensors = new Map<string, EncodedTensor>();
    for await (const { spec, fileName, values } of parameters.values()) {
      const delta = await adapter?.delta(spec.name.replace(/\.weight$/, ''));
      const merged = delta ? values.map((value, i) => value + delta[i]) : values;
      tensors.set(fileName, encodeTensor(fileName, { shape: spec.shape, values: merged }, dtype));
    }
    await this.#addUnused(parameters, tensors, dtype);
    const config = JSON.stringify(this.#exportedConfig([...tensors.keys()], dtype), null, 2);
    const files = new Map<string, Uint8Array>([
      ['config.json', new TextEncoder().encode(`${config}\n`)],
      ...writeModelWeights(tensors, shardBytes),
    ]);
    for (const name of COPIED) {
      const blob = await this.folder.find(name);
      if (blob) files.set(name, new Uint8Array(await blob.arrayBuffer()));
    }
    return files;
  }

  #exportedConfig(names: string[], dtype: keyof typeof DTYPE_NAMES): Record<string, unknown> {
    const { config } = this;
    const tower = config.vision_config as Record<string, unknown> | undefined;
    const isBare =
      String(tower?.model_type).startsWith('siglip2') &&
      !names.some(name => this.isUnused(this.canonical(name)));
    return {
      ...config,
      [config.torch_dtype ? 'torch_dtype' : 'dtype']: DTYPE_NAMES[dtype],
      // Else transformers makes a pooling head, and reports its weights as missing.
      ...(isBare && { vision_config: { ...tower, vision_use_head: false } }),
    };
  }

  /** Tensors that the forward pass ignores go through unchanged; a stored copy of a tied table would go stale, so it does not. */
  async #addUnused(
    parameters: Parameters,
    tensors: Map<string, EncodedTensor>,
    dtype: Exclude<Dtype, 'I32'>,
  ): Promise<void> {
    for (const name of this.weights?.names() ?? []) {
      const canonical = this.canonical(name);
      if (parameters.has(canonical) || canonical === HEAD) continue;
      const data = { shape: this.weights!.shape(name), values: await this.weights!.read(name) };
      tensors.set(name, encodeTensor(name, data, dtype));
    }
  }
}
