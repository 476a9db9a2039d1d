/** Where the files of `RunConfig.model` are: embedded in the page, below it, or imported into storage. */
import { CodedError } from '../errors.ts';
import type { ModelSource } from '../protocol.ts';
import { getModel, IMPORT_PREFIX } from '../storage/models.ts';

/** A model that the configuration names and that cannot be used. */
export class ModelSourceError extends CodedError {
  override readonly name = 'ModelSourceError';
}

export interface ResolvedModel {
  model: ModelSource;
  adapter?: { files: Map<string, Blob> };
}

/**
 * Resolves `nano`, a path below the page, or `import:<id>`; an imported adapter brings its base.
 *
 * @throws {ModelSourceError} `model-elsewhere` for an address of another origin; `adapter-without-base`.
 * @throws {StorageError} `storage-missing` for an import that is not here.
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
  if (!model.startsWith(IMPORT_PREFIX)) {
    return { chain, base: { url: belowPage(model === 'nano' ? 'models/nano/' : model) }, baseName: model };
  }
  const found = await getModel(model.slice(IMPORT_PREFIX.length));
  const { entry, files } = found;
  if (entry.kind === 'model') return { chain, base: { files }, baseName: entry.name };
  if (entry.base === null || chain.some(link => link.entry.id === entry.id)) {
    throw new ModelSourceError('adapter-without-base', {
      message: `“${entry.name}” is an adapter, and its base model is not known. Import the base model’s folder first, then the adapter again.`,
    });
  }
  return trace(entry.base, [...chain, found]);
}

function belowPage(path: string): string {
  const root = new URL(import.meta.env.BASE_URL, document.baseURI);
  const url = new URL(path.endsWith('/') ? path : `${path}/`, root);
  if (url.origin !== root.origin) {
    throw new ModelSourceError('model-elsewhere', {
      message: `Models are loaded from this site only, and “${path}” is elsewhere. Download its folder and import it here.`,
    });
  }
  return url.href;
}
