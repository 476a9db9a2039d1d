/** What is kept in this browser, brought in and sent out: runs, models, zips. */
import type { RunConfig } from '../config.ts';
import { ImportError } from '../storage/export/errors.ts';
import { readModelFolder } from '../storage/export/folder.ts';
import { runFiles } from '../storage/export/run-files.ts';
import { isZip, unpackZip } from '../storage/export/zip.ts';
import { addModel, IMPORT_PREFIX } from '../storage/models.ts';
import { askPersistence } from '../storage/persistence.ts';
import type { ImportRow, RunRow } from '../storage/schema.ts';
import { baseModelOf } from './model-source.ts';

const ADAPTER_CONFIG = 'adapter_config.json';

export interface Imported {
  entry: ImportRow;
  /** `import:<id>`, as RunConfig.model takes it. */
  model: string;
  /** Configuration of the run that the file came from, not validated; null for a bare folder. */
  config: Partial<RunConfig> | null;
}

/**
 * Takes in one zip, or the files of one folder.
 *
 * @param files  by path; a single entry that is a zip is unpacked.
 * @throws {ImportError} with what is wrong; nothing is stored then.
 * @throws {StorageError} `storage-full`.
 */
export async function importFiles(files: Map<string, Blob>): Promise<Imported> {
  const [first] = files;
  if (!first)
    throw new ImportError('import-missing-files', { message: 'Nothing was dropped that could be read.' });
  const name = first[0].split('/')[0];
  const folder = await readModelFolder(name, files.size === 1 ? await unpackSingle(...first) : files);
  const entry: ImportRow = {
    id: crypto.randomUUID().slice(0, 8),
    name: name.replace(/\.(zip|gguf)$/i, ''),
    kind: folder.kind,
    base: folder.base,
    bytes: folder.bytes,
    importedAt: Date.now(),
  };
  await addModel(entry, folder.files);
  void askPersistence();
  return { entry, model: IMPORT_PREFIX + entry.id, config: await configOf(folder.files) };
}

/** The files of a checkpoint and the record of its run, which says what an adapter goes on top of. */
export async function withRecord(
  { id, config }: RunRow,
  checkpoint: Map<string, Uint8Array>,
): Promise<Map<string, Uint8Array>> {
  const base = await baseModelOf(config.model);
  const files = new Map([...checkpoint, ...(await runFiles(id, base.model))]);
  const adapter = files.get(ADAPTER_CONFIG);
  if (adapter) {
    const written = JSON.parse(new TextDecoder().decode(adapter)) as Record<string, unknown>;
    const named = { ...written, base_model_name_or_path: base.name };
    files.set(ADAPTER_CONFIG, new TextEncoder().encode(`${JSON.stringify(named, null, 2)}\n`));
  }
  return files;
}

async function unpackSingle(path: string, blob: Blob): Promise<Map<string, Blob>> {
  const head = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  // One GGUF file is a whole model; one JSON or safetensors file is a folder with things missing, and is told which.
  if (!isZip(head) && /\.(json|safetensors|gguf)$/.test(path)) return new Map([[path, blob]]);
  const unpacked = await unpackZip(path, new Uint8Array(await blob.arrayBuffer()));
  return new Map([...unpacked].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));
}

async function configOf(files: Map<string, Blob>): Promise<Partial<RunConfig> | null> {
  const run = files.get('run.json');
  if (!run) return null;
  const { config } = JSON.parse(await run.text()) as { config?: Partial<RunConfig> };
  return config ?? null;
}
