/** Weights of a GGUF model under transformers' names: the text file's and, with images, those of the vision part. */
import { ModelFormatError } from '../errors.ts';
import type { WeightSource } from '../weight-source.ts';
import type { GgufFile } from './file.ts';
import { textTensor, visionTensor, type Renamed } from './names.ts';

interface Entry extends Renamed {
  file: GgufFile;
  stored: string;
}

export class GgufWeights implements WeightSource {
  readonly #entries = new Map<string, Entry>();

  constructor(text: GgufFile, vision: GgufFile | null) {
    const prefix = vision ? 'model.language_model.' : 'model.';
    this.#add(text, (name, shape) => textTensor(name, shape, prefix));
    if (vision) this.#add(vision, visionTensor);
  }

  #add(file: GgufFile, rename: (name: string, shape: number[]) => Renamed | undefined): void {
    for (const { name: stored, shape } of file.tensors.values()) {
      const renamed = rename(stored, shape);
      if (!renamed) continue;
      if (this.#entries.has(renamed.name))
        throw new ModelFormatError('gguf-invalid', {
          message: `${file.name}: ${stored} is a second ${renamed.name}. Check the conversion that wrote it.`,
        });
      this.#entries.set(renamed.name, { ...renamed, file, stored });
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  shape(name: string): number[] {
    return this.#entry(name).shape;
  }

  async read(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { file, stored, channelsLast } = this.#entry(name);
    const values = await file.read(stored);
    return channelsLast ? toChannelsLast(values, channelsLast) : values;
  }

  async *pieces(name: string, count: number): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { file, stored, channelsLast } = this.#entry(name);
    if (!channelsLast) yield* file.pieces(stored, count);
    else {
      const values = await this.read(name);
      for (let at = 0; at < values.length; at += count) yield values.slice(at, at + count);
    }
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry)
      throw new ModelFormatError('tensor-missing', { message: `The weights lack a tensor named ${name}.` });
    return entry;
  }
}

/** [output, channels, height, width] to [output, height, width, channels]. */
function toChannelsLast(
  values: Float32Array<ArrayBuffer>,
  { channels, height, width }: NonNullable<Renamed['channelsLast']>,
): Float32Array<ArrayBuffer> {
  const pixels = height * width;
  const turned = new Float32Array(values.length);
  for (let output = 0; output < values.length; output += channels * pixels)
    for (let channel = 0; channel < channels; channel++)
      for (let pixel = 0; pixel < pixels; pixel++)
        turned[output + pixel * channels + channel] = values[output + channel * pixels + pixel];
  return turned;
}
