/** A model's weights as tensors: frozen ones as constants, trainable ones as variables, under the names of their file. */
import * as tf from '@tensorflow/tfjs-core';
import { hashKey, normalArray } from '../gpu/random.ts';
import { randomNormal, readTensor } from '../gpu/index.ts';
import { ModelFormatError } from './errors.ts';
import type { ParameterSpec } from './parameter-spec.ts';
import type { TrainableParameter } from './policy.ts';
import type { WeightSource } from './weight-source.ts';

/** Maps a file's tensor name to the canonical one. */
export type Canonical = (fileName: string) => string;

interface Entry {
  spec: ParameterSpec;
  fileName: string;
  value: tf.Tensor;
  /** For frozen matrices, made on first use: on wasm only an untransposed product is fast. */
  transposed?: tf.Tensor2D;
}

/** tfjs wants every variable's name to be unique in the page. */
let variables = 0;

export function makeVariable(value: tf.Tensor, name: string): tf.Variable {
  return tf.variable(value, true, `${name}#${variables++}`);
}

export class Parameters {
  readonly #entries = new Map<string, Entry>();

  private constructor(entries: Entry[]) {
    for (const entry of entries) this.#entries.set(entry.spec.name, entry);
  }

  /** Reads what `specs` ask for. @throws {ModelFormatError} tensor-missing, tensor-shape, tensor-not-finite */
  static async load(specs: ParameterSpec[], files: WeightSource, canonical: Canonical): Promise<Parameters> {
    const fileNames = new Map(files.names().map(name => [canonical(name), name]));
    for (const { name, shape } of specs) {
      const fileName = fileNames.get(name);
      if (fileName === undefined)
        throw new ModelFormatError('tensor-missing', {
          message: `The weights lack ${name} [${shape.join(', ')}], which config.json asks for. Is a shard or a part missing?`,
        });
      const found = files.shape(fileName);
      if (found.join() !== shape.join())
        throw new ModelFormatError('tensor-shape', {
          message: `${fileName} has shape [${found.join(', ')}], but config.json asks for [${shape.join(', ')}].`,
        });
    }
    // Read in the files' order, kept in that of the specs: names, counts and exports do not depend on a file's layout.
    const values = new Map<string, tf.Tensor>();
    const wanted = new Map(specs.map(spec => [fileNames.get(spec.name)!, spec]));
    try {
      for (const name of files.names()) {
        const spec = wanted.get(name);
        if (spec) values.set(spec.name, tf.tensor(await files.read(name), spec.shape, 'float32'));
      }
    } catch (error) {
      for (const value of values.values()) value.dispose();
      throw error;
    }
    return new Parameters(
      specs.map(spec => ({ spec, fileName: fileNames.get(spec.name)!, value: values.get(spec.name)! })),
    );
  }

  /** Fresh weights: normal(0, range) matrices, ones and zeros; the same for the same seed. */
  static init(specs: ParameterSpec[], range: number, seed: number): Parameters {
    const fill = ({ name, shape, init }: ParameterSpec): tf.Tensor => {
      if (init !== 'normal') return init === 'ones' ? tf.ones(shape) : tf.zeros(shape);
      return tf.tensor(
        normalArray(hashKey(seed, 'init', name), tf.util.sizeFromShape(shape), 0, range),
        shape,
      );
    };
    return new Parameters(specs.map(spec => ({ spec, fileName: spec.name, value: fill(spec) })));
  }

  /** `init`, but made on the GPU: any size in milliseconds, the last bits the device's own. For benchmarks. */
  static random(specs: ParameterSpec[], range: number, seed: number): Parameters {
    const fill = ({ name, shape, init }: ParameterSpec): tf.Tensor => {
      if (init !== 'normal') return tf.fill(shape, init === 'ones' ? 1 : 0);
      return randomNormal(shape, hashKey(seed, 'init', name), range);
    };
    return new Parameters(specs.map(spec => ({ spec, fileName: spec.name, value: fill(spec) })));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`no parameter ${name}`);
    return entry.value as tf.Tensor<R>;
  }

  isTrainable(name: string): boolean {
    return this.#entries.get(name)?.value instanceof tf.Variable;
  }

  /** A frozen matrix's transpose, kept until the parameter trains or the model is disposed. */
  transposed(name: string): tf.Tensor2D {
    const entry = this.#entries.get(name)!;
    return (entry.transposed ??= tf.keep(tf.transpose(entry.value) as tf.Tensor2D));
  }

  specs(): ParameterSpec[] {
    return [...this.#entries.values()].map(entry => entry.spec);
  }

  /** [output, input] of every linear layer, by module path. */
  linears(): Map<string, [number, number]> {
    const linears = new Map<string, [number, number]>();
    for (const { name, shape } of this.specs()) {
      const path = name.slice(0, -'.weight'.length);
      const isTable = /embed_tokens|position_embedding|pos_embed|lm_head/.test(name);
      if (name.endsWith('.weight') && shape.length === 2 && !isTable) linears.set(path, [shape[0], shape[1]]);
    }
    return linears;
  }

  count(): number {
    return this.specs().reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0);
  }

  /** Makes variables of exactly those parameters for which `chosen` holds. */
  setTrainable(chosen: (spec: ParameterSpec) => boolean): void {
    for (const entry of this.#entries.values()) {
      const before = entry.value;
      if (chosen(entry.spec) === before instanceof tf.Variable) continue;
      entry.value = before instanceof tf.Variable ? tf.clone(before) : makeVariable(before, entry.spec.name);
      tf.keep(entry.value);
      before.dispose();
      entry.transposed?.dispose();
      entry.transposed = undefined;
    }
  }

  trainable(): TrainableParameter[] {
    const trainable: TrainableParameter[] = [];
    for (const { fileName, value } of this.#entries.values())
      if (value instanceof tf.Variable) trainable.push({ name: fileName, variable: value });
    return trainable;
  }

  /** Name in the file, shape and values of every parameter, one after the other. */
  async *values(): AsyncGenerator<{ spec: ParameterSpec; fileName: string; values: Float32Array }> {
    for (const { spec, fileName, value } of this.#entries.values())
      yield { spec, fileName, values: (await readTensor(value)) as Float32Array };
  }

  dispose(): void {
    for (const { value, transposed } of this.#entries.values()) {
      value.dispose();
      transposed?.dispose();
    }
    this.#entries.clear();
  }
}
