/** What a file of demonstrations holds, for whoever learns from it or only counts: the contents as JSON, then the pixels. */
import { inflateSync } from 'fflate';
import type { Demonstration, PackedImage } from './demonstrations.ts';
import { TrainerError } from './errors.ts';

export const VERSION = 2;

export interface Contents extends Fingerprint {
  version: number;
  /** Episodes played, those that their oracle did not solve among them. */
  played: number;
  unsolved: number;
  /** In the order in which their pixels follow. */
  images: (Omit<PackedImage, 'packed'> & { bytes: number })[];
  turns: Turn[];
}

/** What it was collected for. */
export interface Fingerprint {
  family: string;
  tokenizer: number;
  settings: Record<string, unknown>;
  tasks: string[];
}

export type Turn = Pick<Demonstration, 'task' | 'episode'> & {
  ids: number[];
  completion: number[];
  /** Places in the list of images. */
  images: number[];
};

/** @throws {TrainerError} demonstrations-unfit for bytes that are no such file */
export function splitCollection(file: Uint8Array): { contents: Contents; pixels: Uint8Array } {
  try {
    const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
    const text = new TextDecoder().decode(inflateSync(file.subarray(4, 4 + length)));
    return { contents: JSON.parse(text) as Contents, pixels: file.subarray(4 + length) };
  } catch (cause) {
    throw unfit('The file of demonstrations cannot be read: it is damaged, or none.', cause);
  }
}

/** How many solved episodes of each task it holds, also of those that have none. */
export function episodesByTask(file: Uint8Array): Map<string, number> {
  const { tasks, turns } = splitCollection(file).contents;
  const episodes = new Map(tasks.map(task => [task, new Set<number>()]));
  for (const { task, episode } of turns) episodes.get(task)?.add(episode);
  return new Map([...episodes].map(([task, own]) => [task, own.size]));
}

export function unfit(message: string, cause?: unknown): TrainerError {
  return new TrainerError('demonstrations-unfit', { message, cause });
}
