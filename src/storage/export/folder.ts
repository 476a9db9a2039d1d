/** Tells what a set of files is, a model's folder or an adapter, and checks that it is whole before anything is stored. */
import { ImportError } from './errors.ts';

export interface ModelFolder {
  kind: 'model' | 'adapter';
  /** Paths relative to the folder. */
  files: Map<string, Blob>;
  /** For an adapter: `base` of run.json, else what its adapter_config.json calls its base. */
  base: string | null;
  bytes: number;
}

/** Longest header that a safetensors file may have, by the format's own reader. */
const MAX_HEADER = 100_000_000;

/**
 * Finds the folder in `files`, at the top or inside other folders, and checks it.
 *
 * @param name  what was dropped, for messages.
 * @throws {ImportError} `import-missing-files`, `import-bad-file`.
 */
export async function readModelFolder(name: string, files: Map<string, Blob>): Promise<ModelFolder> {
  const adapter = rootOf(files, 'adapter_config.json');
  const model = rootOf(files, 'config.json');
  if (adapter === undefined && model === undefined) {
    const ggufs = await readGgufs(name, files);
    if (ggufs) return ggufs;
    throw new ImportError('import-missing-files', {
      message: `${name} holds neither a model (config.json, model.safetensors, tokenizer.json, or a .gguf file) nor an adapter (adapter_config.json, adapter_model.safetensors). It holds: ${listing(files)}.`,
    });
  }
  // A folder with both is a model's repository that also ships an adapter: the outer one was meant.
  const kind =
    model === undefined || (adapter !== undefined && adapter.length < model.length) ? 'adapter' : 'model';
  const root = (kind === 'adapter' ? adapter : model) as string;
  const inside = below(files, root);
  requireFiles(name, kind, inside);
  for (const [path, blob] of inside) {
    if (path.endsWith('.safetensors')) await checkSafetensors(name, path, blob);
    else if (path.endsWith('.json')) await readJson(name, path, blob);
  }
  return {
    kind,
    files: inside,
    bytes: sizeOf(inside),
    base: kind === 'adapter' ? await baseOf(name, inside) : null,
  };
}

/** GGUF files, which need nothing beside them; null when there are none. */
async function readGgufs(name: string, files: Map<string, Blob>): Promise<ModelFolder | null> {
  const first = [...files.keys()].find(path => path.endsWith('.gguf'));
  if (first === undefined) return null;
  const root = first.slice(0, first.lastIndexOf('/') + 1);
  const inside = below(files, root);
  for (const [path, blob] of inside) {
    if (!path.endsWith('.gguf') || (await blob.slice(0, 4).text()) === 'GGUF') continue;
    throw new ImportError('import-bad-file', {
      message: `${path} in ${name} is not a GGUF file. Download it again.`,
    });
  }
  return { kind: 'model', files: inside, bytes: sizeOf(inside), base: null };
}

function below(files: Map<string, Blob>, root: string): Map<string, Blob> {
  const inside = [...files].filter(([path]) => path.startsWith(root));
  return new Map(inside.map(([path, blob]) => [path.slice(root.length), blob]));
}

function sizeOf(files: Map<string, Blob>): number {
  return [...files.values()].reduce((sum, blob) => sum + blob.size, 0);
}

/** Folder (with trailing slash, '' at the top) of the outermost file of that name. */
function rootOf(files: Map<string, Blob>, file: string): string | undefined {
  return [...files.keys()]
    .filter(path => path === file || path.endsWith(`/${file}`))
    .map(path => path.slice(0, path.length - file.length))
    .sort((a, b) => a.length - b.length)[0];
}

function requireFiles(name: string, kind: 'model' | 'adapter', files: Map<string, Blob>): void {
  const needed = kind === 'adapter' ? ['adapter_model.safetensors'] : ['tokenizer.json'];
  const missing = needed.filter(path => !files.has(path));
  const weights = [...files.keys()].some(path => path.endsWith('.safetensors'));
  if (kind === 'model' && !weights) missing.push('model.safetensors');
  if (missing.length === 0) return;
  const what = kind === 'adapter' ? 'an adapter' : 'a model';
  throw new ImportError('import-missing-files', {
    message: `${name} looks like ${what}, but ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing. Add what is missing and import the whole folder or zip again.`,
  });
}

/** Header length, header and end of file must agree; what each tensor claims is the model loader's to check. */
async function checkSafetensors(name: string, path: string, blob: Blob): Promise<void> {
  const bad = (reason: string) =>
    new ImportError('import-bad-file', {
      message: `${path} in ${name} is not a safetensors file: ${reason}. Download or export it again.`,
    });
  if (blob.size < 8) throw bad(`it has ${blob.size} bytes`);
  const view = new DataView(await blob.slice(0, 8).arrayBuffer());
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || length + 8 > blob.size)
    throw bad(`its header claims ${length} bytes and the file has ${blob.size}`);
  try {
    JSON.parse(await blob.slice(8, 8 + length).text());
  } catch {
    throw bad('its header is not JSON');
  }
}

async function readJson(name: string, path: string, blob: Blob): Promise<unknown> {
  try {
    return JSON.parse(await blob.text());
  } catch (cause) {
    throw new ImportError('import-bad-file', {
      message: `${path} in ${name} is not JSON. Download or export it again.`,
      cause,
    });
  }
}

async function baseOf(name: string, files: Map<string, Blob>): Promise<string | null> {
  const run = files.get('run.json');
  if (run) {
    const { base } = (await readJson(name, 'run.json', run)) as { base?: unknown };
    if (typeof base === 'string') return base;
  }
  const adapter = files.get('adapter_config.json');
  if (!adapter) return null;
  const { base_model_name_or_path: base } = (await readJson(name, 'adapter_config.json', adapter)) as {
    base_model_name_or_path?: unknown;
  };
  return typeof base === 'string' && base !== '' ? base : null;
}

function listing(files: Map<string, Blob>): string {
  const names = [...files.keys()];
  if (names.length === 0) return 'nothing';
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}
