/** The weights of a model folder: one model.safetensors, or the shards that model.safetensors.index.json lists. */
import { ModelFormatError } from '../errors.ts';
import type { ModelFolder } from '../folder.ts';
import type { WeightSource } from '../weight-source.ts';
import { SafetensorsFile } from './read.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** A name and no path: an index must not lead out of its folder. */
const isShardName = (value: unknown): boolean =>
  typeof value === 'string' && /^[\w-][\w.-]*\.safetensors$/.test(value);

/** Tensors by name, whichever file they are in. */
export class WeightFiles implements WeightSource {
  private constructor(private readonly fileOf: ReadonlyMap<string, SafetensorsFile>) {}

  /** @throws {ModelFormatError} file-missing, index-invalid, and header.ts's */
  static async open(folder: ModelFolder): Promise<WeightFiles> {
    // The single file first: asking a server for an index that is not there leaves an error in the browser's console.
    const single = await folder.find(SINGLE);
    const hasShards = folder.names()?.some(name => /^model-\d+-of-\d+\.safetensors$/.test(name));
    if (!single && (hasShards || (await folder.find(INDEX))))
      return new WeightFiles(await openShards(folder));
    const file = await SafetensorsFile.open(single ?? (await folder.get(SINGLE)), SINGLE);
    return new WeightFiles(new Map(file.names().map(name => [name, file])));
  }

  names(): string[] {
    return [...this.fileOf.keys()];
  }

  shape(name: string): number[] {
    return this.#file(name).entry(name).shape;
  }

  /** Values as float32. @throws {ModelFormatError} tensor-missing, tensor-not-finite */
  read(name: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#file(name).read(name);
  }

  pieces(name: string, count: number): AsyncGenerator<Float32Array<ArrayBuffer>> {
    return this.#file(name).pieces(name, count);
  }

  #file(name: string): SafetensorsFile {
    const file = this.fileOf.get(name);
    if (!file)
      throw new ModelFormatError('tensor-missing', { message: `The weights lack a tensor named ${name}.` });
    return file;
  }
}

async function openShards(folder: ModelFolder): Promise<Map<string, SafetensorsFile>> {
  const map = (await folder.json(INDEX)).weight_map;
  if (typeof map !== 'object' || map === null || !Object.values(map).every(isShardName))
    throw new ModelFormatError('index-invalid', {
      message: `${INDEX} has no valid weight_map. Download it again.`,
    });
  const shards = new Map<string, SafetensorsFile>();
  for (const name of new Set(Object.values(map as Record<string, string>)))
    shards.set(name, await SafetensorsFile.open(await folder.get(name), name));
  for (const [tensor, shard] of Object.entries(map as Record<string, string>))
    if (!shards.get(shard)!.has(tensor))
      throw new ModelFormatError('tensor-missing', {
        message: `${INDEX} says that ${tensor} is in ${shard}, but it is not. Download both again.`,
      });
  // What the index does not list is in no use, whatever a shard holds beside; shard by shard, in the order of their bytes.
  const files = new Map<string, SafetensorsFile>();
  for (const [shard, file] of shards)
    for (const tensor of file.names())
      if ((map as Record<string, string>)[tensor] === shard) files.set(tensor, file);
  return files;
}
