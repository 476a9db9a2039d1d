/** A LoRA adapter: pairs of trainable matrices by module, read from and written to PEFT's files. */
import * as tf from '@tensorflow/tfjs-core';
import { hashKey, uniformArray } from '../../gpu/random.ts';
import { readTensor } from '../../gpu/index.ts';
import { ModelFormatError } from '../errors.ts';
import { ModelFolder } from '../folder.ts';
import { makeVariable } from '../parameters.ts';
import type { TrainableParameter } from '../policy.ts';
import { SafetensorsFile } from '../safetensors/read.ts';
import { writeSafetensors, type TensorData } from '../safetensors/write.ts';
import { ADAPTER_CONFIG, parseLoraConfig, writeLoraConfig, type LoraConfig } from './config.ts';
import { isTarget, rankOf, scalingOf, targetsOf } from './match.ts';

export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';
const PREFIX = 'base_model.model.';

export interface LoraPair {
  /** Module name as the adapter's file writes it. */
  filePath: string;
  /** [r, input] */
  a: tf.Variable;
  /** [output, r] */
  b: tf.Variable;
  scaling: number;
}

/** [output, input] of the model's linear layers by canonical path. */
type Linears = ReadonlyMap<string, readonly [number, number]>;

export class LoraAdapter {
  private constructor(
    readonly config: LoraConfig,
    /** By canonical module path, in the model's order. */
    private readonly pairs: ReadonlyMap<string, LoraPair>,
    /** Tensors of modules that the forward pass does not use (SigLIP2's pooling head), kept for the export. */
    private readonly unused: ReadonlyMap<string, TensorData>,
  ) {}

  /**
   * A fresh adapter as PEFT initialises it: A uniform in ±1/√input (kaiming_uniform with a = √5), B zero.
   * @throws {ModelFormatError} adapter-unmatched when no module matches, adapter-unsupported when the head is named
   */
  static init(config: LoraConfig, linears: Linears, seed: number): LoraAdapter {
    const table = Array.isArray(config.targetModules) ? config.targetModules.find(isTable) : undefined;
    if (table !== undefined)
      throw new ModelFormatError('adapter-unsupported', {
        message: `lora_target_modules name ${table}: an adapter of the head or of the embeddings is not trained here. Leave it out, or train all weights (use_peft off).`,
      });
    const pairs = new Map<string, LoraPair>();
    for (const [path, [output, input]] of linears) {
      if (!isTarget(config, path)) continue;
      const r = rankOf(config, path);
      const bound = 1 / Math.sqrt(input);
      const a = uniformArray(hashKey(seed, 'lora', path), r * input, -bound, bound);
      pairs.set(path, makePair(config, path, path, tf.tensor2d(a, [r, input]), tf.zeros([output, r])));
    }
    if (pairs.size === 0)
      throw new ModelFormatError('adapter-unmatched', {
        message:
          `lora_target_modules ${JSON.stringify(config.targetModules)} match no linear layer of this model. ` +
          `Its layers end in: ${[...new Set([...linears.keys()].map(path => path.split('.').at(-1)))].join(', ')}.`,
      });
    return new LoraAdapter(config, pairs, new Map());
  }

  /**
   * Reads adapter_config.json and adapter_model.safetensors.
   * @param canonical  maps module names of other transformers versions to ours
   * @param isUnused  modules that exist in the model but never run
   * @param dropout  in place of the file's
   * @throws {ModelFormatError} file-missing, adapter-unsupported, adapter-unmatched, tensor-missing, tensor-shape, and safetensors'
   */
  static async load(
    files: Map<string, Blob>,
    linears: Linears,
    canonical: (path: string) => string,
    isUnused: (path: string) => boolean,
    dropout?: number,
  ): Promise<LoraAdapter> {
    const folder = new ModelFolder({ files });
    const config = parseLoraConfig(await folder.json(ADAPTER_CONFIG));
    config.dropout = dropout ?? config.dropout;
    const file = await SafetensorsFile.open(await folder.get(ADAPTER_WEIGHTS), ADAPTER_WEIGHTS);
    const byPath = new Map<string, string>();
    const unused = new Map<string, TensorData>();
    for (const name of file.names()) {
      const path = modulePath(name);
      if (isTable(name))
        throw new ModelFormatError('adapter-unsupported', {
          message: `${ADAPTER_WEIGHTS}: ${name} changes the head or the embeddings, which an adapter does not do here. Merge the adapter into its model with PEFT (merge_and_unload), and load the merged folder.`,
        });
      if (path === undefined)
        throw new ModelFormatError('adapter-unsupported', {
          message: `${ADAPTER_WEIGHTS}: ${name} is not a plain LoRA matrix of a linear layer.`,
        });
      if (linears.has(canonical(path))) byPath.set(canonical(path), path);
      else if (isUnused(canonical(path)))
        unused.set(name, { shape: file.entry(name).shape, values: await file.read(name) });
      else
        throw new ModelFormatError('adapter-unmatched', {
          message: `${ADAPTER_WEIGHTS}: this model has no linear layer ${path}. Was the adapter made for another model?`,
        });
    }
    const pairs = new Map<string, LoraPair>();
    for (const [path, [output, input]] of linears) {
      const filePath = byPath.get(path);
      if (filePath === undefined) continue;
      const r = rankOf(config, filePath);
      const a = await readMatrix(file, `${PREFIX}${filePath}.lora_A.weight`, [r, input]);
      const b = await readMatrix(file, `${PREFIX}${filePath}.lora_B.weight`, [output, r]);
      pairs.set(path, makePair(config, path, filePath, a, b));
    }
    return new LoraAdapter(config, pairs, unused);
  }

  get(path: string): LoraPair | undefined {
    return this.pairs.get(path);
  }

  some(test: (path: string) => boolean): boolean {
    return [...this.pairs.keys()].some(test);
  }

  /** Those of modules whose canonical paths begin with `path`. */
  variables(path: string): tf.Variable[] {
    return [...this.pairs].flatMap(([module, { a, b }]) => (module.startsWith(path) ? [a, b] : []));
  }

  trainable(): TrainableParameter[] {
    return [...this.pairs.values()].flatMap(({ filePath, a, b }) => [
      { name: `${PREFIX}${filePath}.lora_A.weight`, variable: a },
      { name: `${PREFIX}${filePath}.lora_B.weight`, variable: b },
    ]);
  }

  /** @param modules  canonical paths of all modules of the model, layers or not */
  async export(baseName: string, modules: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const tensors = new Map<string, TensorData>(this.unused);
    const own = new Map<string, string>();
    for (const [path, pair] of this.pairs) {
      const written = this.#writtenPath(path, pair);
      own.set(path, written);
      for (const [matrix, variable] of Object.entries({ A: pair.a, B: pair.b }))
        tensors.set(`${PREFIX}${written}.lora_${matrix}.weight`, {
          shape: variable.shape,
          values: (await readTensor(variable)) as Float32Array,
        });
    }
    for (const name of this.unused.keys()) own.set(modulePath(name)!, modulePath(name)!);
    const targetModules = targetsOf(this.config, own, modules);
    const config = JSON.stringify(writeLoraConfig({ ...this.config, targetModules }, baseName), null, 2);
    return new Map([
      [ADAPTER_CONFIG, new TextEncoder().encode(`${config}\n`)],
      [ADAPTER_WEIGHTS, writeSafetensors(tensors)],
    ]);
  }

  /**
   * A module by the name that transformers has for it now, whatever the file had that the adapter came from: PEFT looks no further.
   * Unless the patterns of ranks and alphas were written for the file's names.
   */
  #writtenPath(path: string, { filePath, a, scaling }: LoraPair): string {
    const [rank] = a.shape;
    const fits = rankOf(this.config, path) === rank && scalingOf(this.config, path, rank) === scaling;
    return fits ? path : filePath;
  }

  /** scaling · B A of a module, [output, input] row-major, or undefined where the adapter has none. */
  async delta(path: string): Promise<Float32Array | undefined> {
    const pair = this.pairs.get(path);
    if (!pair) return undefined;
    const product = tf.tidy(() =>
      tf.mul(tf.matMul(pair.b as tf.Tensor2D, pair.a as tf.Tensor2D), pair.scaling),
    );
    try {
      return (await readTensor(product)) as Float32Array;
    } finally {
      product.dispose();
    }
  }

  dispose(): void {
    for (const { a, b } of this.pairs.values()) {
      a.dispose();
      b.dispose();
    }
  }
}

/** Whether a module or a tensor has a row for each token of the vocabulary: PEFT adapts it where it is named. */
function isTable(name: string): boolean {
  return /(^|\.)(lm_head|embed_tokens)(\.|$)/.test(name);
}

/** Of a LoRA matrix's name in the file. */
function modulePath(name: string): string | undefined {
  return /^base_model\.model\.(.+)\.lora_[AB]\.weight$/.exec(name)?.[1];
}

function makePair(config: LoraConfig, path: string, filePath: string, a: tf.Tensor, b: tf.Tensor): LoraPair {
  const pair = {
    filePath,
    a: makeVariable(a, `${path}.lora_A`),
    b: makeVariable(b, `${path}.lora_B`),
    scaling: scalingOf(config, filePath, a.shape[0]),
  };
  a.dispose();
  b.dispose();
  return pair;
}

async function readMatrix(
  file: SafetensorsFile,
  name: string,
  shape: [number, number],
): Promise<tf.Tensor2D> {
  const found = file.entry(name).shape;
  if (found.join() !== shape.join())
    throw new ModelFormatError('tensor-shape', {
      message: `${file.fileName}: ${name} has shape [${found.join(', ')}]; model and adapter_config.json ask for [${shape.join(', ')}].`,
    });
  return tf.tensor2d(await file.read(name), shape);
}
