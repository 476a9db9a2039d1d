/** Models that lie elsewhere: opened for a run, or brought into the cache ahead of one. */
import { isCommit, parseModelName, writeModelName, type ModelName } from '../config/model-name.ts';
import { ModelFormatError } from '../models/errors.ts';
import { ModelFolder } from '../models/folder.ts';
import { GgufFolder } from '../models/gguf/folder.ts';
import type { FileSource } from '../models/file-source.ts';
import { listHub } from '../models/sources/hub-listing.ts';
import { openSource, type RemoteSource } from '../models/sources/open-source.ts';
import { ProgressMeter } from '../models/sources/progress.ts';
import type { DownloadProgress, RemoteModel } from '../protocol.ts';
import { WritableCache } from '../storage/weights/writing/writable-cache.ts';

export interface RemoteOptions {
  signal?: AbortSignal;
  /** Until it is aborted nobody can delete what is kept of the model. */
  over: AbortSignal;
  onProgress(progress: DownloadProgress): void;
  /** Tells what is worth knowing and stops nothing. */
  notice(code: string, message: string): void;
}

export interface OpenedModel {
  source: FileSource;
  /** Where the name was an adapter's: its files, `source` being its base. */
  adapter?: { files: Map<string, Blob> };
}

const ADAPTER = ['adapter_config.json', 'adapter_model.safetensors'];

/** The name with its revision pinned to a commit. @throws {SourceError} */
export async function pinModel(model: RemoteModel): Promise<string> {
  const name = parseModelName(model.name);
  if (name.kind !== 'hub' || isCommit(name.revision)) return model.name;
  return writeModelName({ ...name, revision: (await listHub(name, { token: model.token })).commit });
}

/** A model's folder, or an adapter's with its base's. Weights come in as they are read. @throws {SourceError} */
export async function openRemote(
  model: RemoteModel,
  options: RemoteOptions,
  cache?: null,
): Promise<OpenedModel> {
  const source = await open(parseModelName(model.name), model, options, cache);
  if (source.model.file !== undefined)
    return {
      source: await GgufFolder.open(source, decodeURIComponent(source.model.file), await source.visionPart()),
    };
  if (!(await isAdapter(source))) return { source };
  const folder = new ModelFolder(source);
  const files = new Map<string, Blob>();
  for (const name of ADAPTER) files.set(name, new Blob([await (await folder.get(name)).arrayBuffer()]));
  await source.finish?.();
  const base = baseOf(await folder.json('adapter_config.json'), source);
  return { source: await open(base, model, options, cache), adapter: { files } };
}

/** A model to look at: nothing of it is kept. `signal` ends what of it is still coming in. */
export function openUnkept(model: RemoteModel, signal: AbortSignal): Promise<OpenedModel> {
  return openRemote(model, { signal, over: signal, onProgress() {}, notice() {} }, null);
}

/** Brings every file that loading reads into the cache. @throws {SourceError} @throws {StorageError} */
export async function downloadRemote(
  model: RemoteModel,
  options: Omit<RemoteOptions, 'over'>,
): Promise<void> {
  const end = new AbortController();
  try {
    await download(model, { ...options, over: end.signal });
  } finally {
    end.abort();
  }
}

async function download(model: RemoteModel, options: RemoteOptions): Promise<void> {
  const source = await open(parseModelName(model.name), model, options);
  await source.fetchAll();
  if (source.model.file !== undefined || !(await isAdapter(source))) return;
  const config = await new ModelFolder(source).json('adapter_config.json');
  await (await open(baseOf(config, source), model, options)).fetchAll();
}

/** @param cache  null keeps nothing */
async function open(
  name: ModelName,
  { token }: RemoteModel,
  options: RemoteOptions,
  cache?: null,
): Promise<RemoteSource> {
  const { signal, over, notice } = options;
  const meter = new ProgressMeter(progress => options.onProgress(progress));
  return openSource(name, {
    cache: cache === null ? null : await WritableCache.open(),
    token,
    signal,
    over,
    notice,
    meter,
  });
}

async function isAdapter(source: FileSource): Promise<boolean> {
  const names = source.names();
  if (names) return names.includes(ADAPTER[0]) && !names.includes('config.json');
  // At an address only asking tells, and a folder with both is a model that also ships an adapter.
  return !(await source.find('config.json')) && (await source.find(ADAPTER[0])) !== undefined;
}

/** The base that an adapter names, at the Hub that the adapter came from. */
function baseOf(config: Record<string, unknown>, { model }: RemoteSource): ModelName {
  const { base_model_name_or_path: base, revision } = config;
  if (typeof base !== 'string' || !/^[\w.-]+\/[\w.-]+$/.test(base))
    throw new ModelFormatError('adapter-without-base', {
      message: `The adapter names ${JSON.stringify(base)} as its base, which is no Hub repository. Load the base first, then import the adapter's folder.`,
    });
  const hub = parseModelName(`hub:${base}`) as Extract<ModelName, { kind: 'hub' }>;
  const endpoint = model.kind === 'hub' ? model.endpoint : hub.endpoint;
  return { ...hub, endpoint, revision: typeof revision === 'string' ? revision : hub.revision };
}
