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

/** Adapters on adapters on adapters are not a thing that PEFT can open either. */
const MAX_BASES = 1;

/**
 * Resolves `nano`, a path below the page, or `import:<id>`; an imported adapter brings its base.
 *
 * @throws {ModelSourceError} `model-elsewhere` for an address of another origin; `adapter-without-base`.
 * @throws {StorageError} `storage-missing` for an import that is not here.
 */
export async function resolveModel(name: string, depth = 0): Promise<ResolvedModel> {
  if (name === 'nano') return { model: { url: belowPage('models/nano/') } };
  if (!name.startsWith(IMPORT_PREFIX)) return { model: { url: belowPage(name) } };
  const { entry, files } = await getModel(name.slice(IMPORT_PREFIX.length));
  if (entry.kind === 'model') return { model: { files } };
  if (entry.base === null || depth >= MAX_BASES) {
    throw new ModelSourceError('adapter-without-base', {
      message: `“${entry.name}” is an adapter, and its base model is not known. Import the base model’s folder first, then the adapter again.`,
    });
  }
  const base = await resolveModel(entry.base, depth + 1);
  return { model: base.model, adapter: { files } };
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
