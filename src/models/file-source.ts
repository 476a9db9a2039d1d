/** Files of a model folder, read where and when they are needed: a Blob, a file in OPFS, or one that is still coming in. */
import type { WeightSource } from './weight-source.ts';

/** What of a Blob the loader uses. Slices may be read in any order; ascending ones are read as the bytes arrive. */
export interface ModelFile {
  readonly size: number;
  slice(begin?: number, end?: number): { arrayBuffer(): Promise<ArrayBuffer> };
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
}

/** A model folder wherever it lies. */
export interface FileSource {
  /** As a person would name it. */
  readonly label: string;
  /** A file by its path inside the folder; undefined when there is none. */
  find(name: string): Promise<ModelFile | undefined>;
  /** Paths that are known to be there; null where only asking tells. */
  names(): string[] | null;
  /** Where the weights are no safetensors: how they are read. */
  weights?(): WeightSource;
  /** Ends what is under way and checks that every file which was read is what it should be. */
  finish?(): Promise<void>;
}
