/** A model's weights as tensors: frozen ones as constants, trainable ones as variables, under the names of their file. */
import * as tf from '@tensorflow/tfjs-core';
import { hashKey, normalArray } from '../gpu/random.ts';
import { PackedWeight, randomNormal, readTensor, type WeightFormat } from '../gpu/index.ts';
import { ModelFormatError, ModelInputError } from './errors.ts';
import { isPackable, type ParameterSpec } from './parameter-spec.ts';
import type { TrainableParameter } from './policy.ts';
import type { WeightSource } from './weight-source.ts';

/** Maps a file's tensor name to the canonical one. */
export type Canonical = (fileName: string) => string;

interface Entry {
  spec: ParameterSpec;
  fileName: string;
  value: tf.Tensor | PackedWeight;
  /** A frozen float32 matrix as linear layers read it; shares the tensor's memory. */
  frozen?: PackedWeight;
}

/** Values that a matrix is packed from at a time. */
const PIECE = 4 * 2 ** 20;

function isPacked(spec: ParameterSpec, format: WeightFormat): boolean {
  return format !== 'f32' && isPackable(spec);
}

/** Whole rows, an even number of them. */
function pieceSize([rows, columns]: number[]): number {
  return Math.min(rows, Math.max(2, Math.floor(PIECE / columns / 2) * 2)) * columns;
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

  /**
   * Reads what `specs` ask for.
   * @param format  of the matrices; they are frozen unless it is f32
   * @throws {ModelFormatError} tensor-missing, tensor-shape, tensor-not-finite
   */
  static async load(
    specs: ParameterSpec[],
    files: WeightSource,
    canonical: Canonical,
    format: WeightFormat = 'f32',
  ): Promise<Parameters> {
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
          message: `${fileName} has shape [${found.join(', ')}], but config.json asks for [${shape.join(', ')}]. Take both from the same model.`,
        });
    }
    // Read in the files' order, kept in that of the specs: names, counts and exports do not depend on a file's layout.
    const values = new Map<string, tf.Tensor | PackedWeight>();
    const read = (name: string, spec: ParameterSpec): Promise<tf.Tensor | PackedWeight> => {
      const [rows, columns] = spec.shape;
      return isPacked(spec, format)
        ? PackedWeight.packPieces(files.pieces(name, pieceSize(spec.shape)), rows, columns, format)
        : files.read(name).then(floats => tf.tensor(floats, spec.shape, 'float32'));
    };
    const wanted = new Map(specs.map(spec => [fileNames.get(spec.name)!, spec]));
    try {
      for (const name of files.names()) {
        const spec = wanted.get(name);
        if (spec) values.set(spec.name, await read(name, spec));
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
  static init(specs: ParameterSpec[], range: number, seed: number, format: WeightFormat = 'f32'): Parameters {
    const fill = (spec: ParameterSpec): tf.Tensor | PackedWeight => {
      const { name, shape, init } = spec;
      if (init !== 'normal') return init === 'ones' ? tf.ones(shape) : tf.zeros(shape);
      const values = normalArray(hashKey(seed, 'init', name), tf.util.sizeFromShape(shape), 0, range);
      return isPacked(spec, format)
        ? PackedWeight.pack(values, shape[0], shape[1], format)
        : tf.tensor(values, shape);
    };
    return new Parameters(specs.map(spec => ({ spec, fileName: spec.name, value: fill(spec) })));
  }

  /** `init`, but made on the GPU: any size in milliseconds, the last bits the device's own. For benchmarks. */
  static random(
    specs: ParameterSpec[],
    range: number,
    seed: number,
    format: WeightFormat = 'f32',
  ): Parameters {
    const fill = (spec: ParameterSpec): tf.Tensor | PackedWeight => {
      const { name, shape, init } = spec;
      if (init !== 'normal') return tf.fill(shape, init === 'ones' ? 1 : 0);
      const key = hashKey(seed, 'init', name);
      return isPacked(spec, format)
        ? PackedWeight.noise(shape[0], shape[1], format, key, range)
        : randomNormal(shape, key, range);
    };
    return new Parameters(specs.map(spec => ({ spec, fileName: spec.name, value: fill(spec) })));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`no parameter ${name}`);
    if (entry.value instanceof PackedWeight) throw new Error(`parameter ${name} is packed`);
    return entry.value as tf.Tensor<R>;
  }

  /** The matrix as a frozen weight, or null while it trains. */
  frozen(name: string): PackedWeight | null {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`no parameter ${name}`);
    if (entry.value instanceof PackedWeight) return entry.value;
    if (entry.value instanceof tf.Variable) return null;
    return (entry.frozen ??= PackedWeight.ofTensor(entry.value as tf.Tensor2D));
  }

  /** The matrix as it is held: packed, or a float32 tensor, frozen or training. */
  matrix(name: string): tf.Tensor2D | PackedWeight {
    const entry = this.#entries.get(name);
    if (!entry) throw new Error(`no parameter ${name}`);
    return entry.value as tf.Tensor2D | PackedWeight;
  }

  isTrainable(name: string): boolean {
    return this.#entries.get(name)?.value instanceof tf.Variable;
  }

  /** Those that train, of names that begin with `path`. */
  variables(path: string): tf.Variable[] {
    return [...this.#entries].flatMap(([name, { value }]) =>
      value instanceof tf.Variable && name.startsWith(path) ? [value] : [],
    );
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

  /**
   * Makes variables of exactly those parameters for which `chosen` holds.
   * @throws {ModelInputError} packed-weights when one of them is packed
   */
  setTrainable(chosen: (spec: ParameterSpec) => boolean): void {
    for (const entry of this.#entries.values()) {
      const before = entry.value;
      if (before instanceof PackedWeight) {
        if (!chosen(entry.spec)) continue;
        throw new ModelInputError('packed-weights', {
          message: `${entry.spec.name} is held as ${before.format} and cannot train. Set weights to f32, or train a LoRA adapter (use_peft).`,
        });
      }
      if (chosen(entry.spec) === before instanceof tf.Variable) continue;
      entry.value = before instanceof tf.Variable ? tf.clone(before) : makeVariable(before, entry.spec.name);
      tf.keep(entry.value);
      before.dispose();
      entry.frozen?.dispose();
      entry.frozen = undefined;
    }
  }

  trainable(): TrainableParameter[] {
    const trainable: TrainableParameter[] = [];
    for (const { fileName, value } of this.#entries.values())
      if (value instanceof tf.Variable) trainable.push({ name: fileName, variable: value });
    return trainable;
  }

  /** Name in the file, shape and values of every parameter, one after the other; packed ones as they were rounded. */
  async *values(): AsyncGenerator<{ spec: ParameterSpec; fileName: string; values: Float32Array }> {
    for (const { spec, fileName, value } of this.#entries.values()) {
      const floats = value instanceof PackedWeight ? value.floats() : value;
      const values = (await readTensor(floats)) as Float32Array;
      if (floats !== value) floats.dispose();
      yield { spec, fileName, values };
    }
  }

  dispose(): void {
    for (const { value, frozen } of this.#entries.values()) {
      frozen?.dispose();
      value.dispose();
    }
    this.#entries.clear();
  }
}
