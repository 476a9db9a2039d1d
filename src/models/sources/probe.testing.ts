/** A worker of the tests: opens sources as the trainer does, reads, and tells what came and what it cost. */
import * as Comlink from 'comlink';
import { parseModelName, writeModelName } from '../../config/model-name.ts';
import { toErrorInfo, type ErrorInfo } from '../../errors.ts';
import { WritableCache } from '../../storage/weights/writing/writable-cache.ts';
import type { StoredModel } from '../../storage/weights/cache.ts';
import { openSource } from './open-source.ts';
import type { DownloadProgress } from '../../protocol.ts';
import { ProgressMeter } from './progress.ts';

export interface ProbeRequest {
  model: string;
  /** Files to read whole, in this order. */
  paths: string[];
  /** Reads the file in pieces of so many bytes. */
  piece?: number;
  token?: string;
  /** Keeps nothing. */
  passing?: boolean;
  patience?: number;
  backoff?: number;
  /** Stops when so many bytes are here. */
  stopAt?: number;
}

export interface ProbeAnswer {
  /** Pinned. */
  model: string;
  files: Record<string, Uint8Array<ArrayBuffer> | null>;
  /** What was told, and when, in ms. */
  progress: (DownloadProgress & { at: number })[];
  notices: string[];
  error: ErrorInfo | null;
}

const probe = {
  async read(request: ProbeRequest): Promise<ProbeAnswer> {
    const answer: ProbeAnswer = { model: '', files: {}, progress: [], notices: [], error: null };
    const stop = new AbortController();
    const end = new AbortController();
    const meter = new ProgressMeter(progress => {
      answer.progress.push({ ...progress, at: performance.now() });
      if (request.stopAt !== undefined && progress.loaded >= request.stopAt) stop.abort();
    });
    try {
      const source = await openSource(parseModelName(request.model), {
        cache: request.passing ? null : await WritableCache.open(),
        token: request.token,
        signal: stop.signal,
        over: end.signal,
        meter,
        backoff: request.backoff ?? 10,
        patience: request.patience ?? 5000,
        notice: code => answer.notices.push(code),
      });
      answer.model = writeModelName(source.model);
      for (const path of request.paths) {
        const file = await source.find(path);
        answer.files[path] = file ? await wholeOf(file, request.piece ?? file.size) : null;
      }
      await source.finish!();
    } catch (error) {
      answer.error = toErrorInfo(error);
    } finally {
      end.abort();
    }
    return answer;
  },

  async list(): Promise<StoredModel[]> {
    return (await WritableCache.open())!.list();
  },

  /** @returns why it could not be */
  async delete(id: string): Promise<ErrorInfo | null> {
    try {
      await (await WritableCache.open())!.delete(id);
      return null;
    } catch (error) {
      return toErrorInfo(error);
    }
  },

  async clear(): Promise<void> {
    const cache = (await WritableCache.open())!;
    for (const { id } of await cache.list()) await cache.delete(id);
  },
};

export type Probe = typeof probe;

async function wholeOf(
  file: { size: number; slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> } },
  piece: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file.size);
  for (let at = 0; at < file.size; at += piece)
    bytes.set(new Uint8Array(await file.slice(at, Math.min(at + piece, file.size)).arrayBuffer()), at);
  return bytes;
}

Comlink.expose(probe);
