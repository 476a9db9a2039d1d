/** A GGUF file, with its vision part if there is one, as a model folder: the files that it lacks are made from what it says. */
import { ModelFormatError } from '../errors.ts';
import type { FileSource, ModelFile } from '../file-source.ts';
import type { WeightSource } from '../weight-source.ts';
import { modelConfig, processorConfig } from './config.ts';
import { GgufFile } from './file.ts';
import { tokenizerConfig, tokenizerJson } from './tokenizer.ts';
import { GgufWeights } from './weights.ts';

/** Taken from beside the file where they are there: a GGUF file knows less of them. */
const BESIDE = [
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'processor_config.json',
  'preprocessor_config.json',
];

export class GgufFolder implements FileSource {
  private constructor(
    private readonly source: FileSource,
    private readonly text: GgufFile,
    private readonly vision: GgufFile | null,
  ) {}

  /** @throws {ModelFormatError} @throws {SourceError} */
  static async open(source: FileSource, name: string, visionName: string | undefined): Promise<GgufFolder> {
    const open = async (path: string): Promise<GgufFile> => {
      const file = await source.find(path);
      if (file) return GgufFile.open(file, path);
      throw new ModelFormatError('file-missing', { message: `${path} is missing from ${source.label}.` });
    };
    return new GgufFolder(source, await open(name), visionName === undefined ? null : await open(visionName));
  }

  get label(): string {
    return this.vision ? `${this.text.name} with ${this.vision.name}` : this.text.name;
  }

  names(): null {
    return null;
  }

  weights(): WeightSource {
    return new GgufWeights(this.text, this.vision);
  }

  async find(name: string): Promise<ModelFile | undefined> {
    if (BESIDE.includes(name) && this.source.names()?.includes(name)) return this.source.find(name);
    const made = this.#make(name);
    return made === undefined
      ? undefined
      : new Blob([typeof made === 'string' ? made : JSON.stringify(made)]);
  }

  #make(name: string): Record<string, unknown> | string | undefined {
    switch (name) {
      case 'config.json':
        return modelConfig(this.text, this.vision);
      case 'tokenizer.json':
        return tokenizerJson(this.text);
      case 'tokenizer_config.json':
        return tokenizerConfig(this.text);
      case 'chat_template.jinja':
        return this.text.values.has('tokenizer.chat_template')
          ? this.text.text('tokenizer.chat_template')
          : undefined;
      case 'processor_config.json':
        return this.vision ? processorConfig(this.vision) : undefined;
      default:
        return undefined;
    }
  }

  async finish(): Promise<void> {
    await this.source.finish?.();
  }
}
