/** Where the files of `RunConfig.model` are: embedded in the page, below it, imported into storage, or on a Hub. */
import { HUB, parseModelName, type ModelName } from '../config/model-name.ts';
import { CodedError } from '../errors.ts';
import type { ModelSource, RemoteModel } from '../protocol.ts';
import { getModel } from '../storage/models.ts';
import { hubToken } from './hub-account.ts';

/** A model that the configuration names and that cannot be used. */
export class ModelSourceError extends CodedError {
  override readonly name = 'ModelSourceError';
}

export interface ResolvedModel {
  model: ModelSource;
  adapter?: { files: Map<string, Blob> };
}

/**
 * Resolves what parseModelName reads; an imported adapter brings its base.
 *
 * @throws {CodedError} `model-name-invalid`.
 * @throws {ModelSourceError} `adapter-without-base`.
 * @throws {StorageError} `model-missing` for an import that is not here.
 */
export async function resolveModel(model: string): Promise<ResolvedModel> {
  const { chain, base } = await trace(model);
  const [adapter] = chain;
  return { model: base, adapter: adapter && { files: adapter.files } };
}

/**
 * What an adapter that was trained from `model` goes on top of: training on from an adapter changes that adapter and does
 * not stack another.
 *
 * @returns `model` as the configuration writes it, and the name to show to people and to PEFT.
 */
export async function baseModelOf(model: string): Promise<{ model: string; name: string }> {
  const { chain, baseName } = await trace(model);
  const last = chain[chain.length - 1];
  const base = last ? last.entry.base! : model;
  return { model: base, name: baseName };
}

interface Trace {
  /** Adapters from `model` down to the base. */
  chain: Awaited<ReturnType<typeof getModel>>[];
  base: ModelSource;
  baseName: string;
}

async function trace(model: string, chain: Trace['chain'] = []): Promise<Trace> {
  const name = parseModelName(model);
  if (name.kind !== 'import')
    return { chain, base: sourceOf(name, model), baseName: nameForPeople(name, model) };
  const found = await getModel(name.id);
  const { entry, files } = found;
  if (entry.kind === 'model') return { chain, base: { files }, baseName: entry.name };
  if (entry.base === null || chain.some(link => link.entry.id === entry.id)) {
    throw new ModelSourceError('adapter-without-base', {
      message: `“${entry.name}” is an adapter, and its base model is not known. Import the base model’s folder first, then the adapter again.`,
    });
  }
  return trace(entry.base, [...chain, found]);
}

function sourceOf(name: Exclude<ModelName, { kind: 'import' }>, model: string): ModelSource {
  switch (name.kind) {
    case 'embedded':
      return { url: belowPage('models/nano/') };
    case 'path':
      return { url: belowPage(name.path) };
    case 'address':
      return { name: model };
    case 'hub':
      return { name: model, token: name.endpoint === HUB ? hubToken() : undefined };
  }
}

/** How the worker is told of a model that lies elsewhere; null for one that does not. @throws {CodedError} model-name-invalid */
export function remoteModel(model: string): RemoteModel | null {
  const name = parseModelName(model);
  const source = name.kind === 'import' ? null : sourceOf(name, model);
  return source && 'name' in source ? source : null;
}

/** What PEFT finds a base by: the repository, without the commit that a run is pinned to. */
function nameForPeople(name: ModelName, model: string): string {
  return name.kind === 'hub' ? name.repo : model;
}

function belowPage(path: string): string {
  const root = new URL(import.meta.env.BASE_URL, document.baseURI);
  return new URL(path.endsWith('/') ? path : `${path}/`, root).href;
}
