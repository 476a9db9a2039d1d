/** Copies of MiniWoB++'s pages as the page of this site holds them: brought in, listed, chosen, deleted. */
import { BUILT_IN, parseEnvironment, writeEnvironment } from '../config/environment-name.ts';
import type { RunConfig } from '../config.ts';
import { fetchPageFiles, looksLikePages, readPageFolder } from '../env/index.ts';
import { addPageFolder, deletePageFolder, listPageFolders } from '../storage/pages.ts';
import { askPersistence } from '../storage/persistence.ts';
import type { PageFolderRow } from '../storage/schema.ts';
import { isZip, pathsInZip, unpackZip } from '../storage/export/zip.ts';
import { withNotice, type SessionState } from './state.ts';
import type { Store } from './store.ts';
import { TASKS, withTasksOf } from './tasks.ts';

export class TaskPages {
  constructor(private readonly store: Store<SessionState>) {}

  async refresh(): Promise<void> {
    this.store.update({ pageFolders: await listPageFolders() });
  }

  /**
   * Keeps a folder of pages, or a zip with one in it, and makes it the environment of the next run.
   * @param files  by path.
   * @throws {PagesError} with what is wrong; nothing is stored then. @throws {ImportError} for a damaged zip
   * @returns the configuration's `environment`
   */
  async import(files: Map<string, Blob>): Promise<string> {
    const [first] = files;
    const name = first?.[0].split('/')[0] ?? 'nothing';
    return this.#keep(name, files.size === 1 ? await unpacked(...first!) : files);
  }

  /**
   * The same from an address that serves the folder; it is not asked again later.
   * @param onProgress  pages done, of how many.
   * @throws {PagesError}
   */
  async fetch(address: string, onProgress: (done: number, total: number) => void): Promise<string> {
    const names = TASKS.map(task => task.name);
    return this.#keep(address.trim(), await fetchPageFiles(address, names, onProgress));
  }

  /** Whether files that were dropped are pages rather than a policy. */
  async recognizes(files: Map<string, Blob>): Promise<boolean> {
    const [first] = files;
    if (files.size !== 1 || !first![0].toLowerCase().endsWith('.zip')) return looksLikePages(files.keys());
    const bytes = new Uint8Array(await first![1].arrayBuffer());
    return isZip(bytes) && looksLikePages(pathsInZip(first![0], bytes));
  }

  /** Makes an environment that is offered that of the next run, with those of its tasks that were chosen before. */
  choose(environment: string): void {
    this.store.update({ config: withTasksOf({ ...this.store.value.config, environment }, this.store.value) });
  }

  async remove(id: string): Promise<void> {
    await deletePageFolder(id);
    await this.refresh();
    if (isPages(this.store.value.config, id)) this.choose(BUILT_IN);
  }

  /** Whether the configuration names pages that are not here. */
  missing({ environment }: RunConfig): boolean {
    const name = parseEnvironment(environment);
    return name.kind === 'pages' && !this.store.value.pageFolders.some(row => row.id === name.id);
  }

  async #keep(name: string, picked: ReadonlyMap<string, Blob>): Promise<string> {
    const { files, broken, ...folder } = await readPageFolder(name, picked);
    const row: PageFolderRow = { ...folder, name, addedAt: Date.now() };
    await addPageFolder(row, files);
    void askPersistence();
    await this.refresh();
    if (broken.length > 0) {
      const text = `${broken.length} of the pages in “${name}” are left out, because files that they include are missing. ${broken[0]}`;
      this.store.update({ notices: withNotice(this.store.value.notices, 'pages-broken', text) });
    }
    const environment = writeEnvironment({ kind: 'pages', id: row.id });
    this.choose(environment);
    return environment;
  }
}

function isPages({ environment }: RunConfig, id: string): boolean {
  return environment === writeEnvironment({ kind: 'pages', id });
}

async function unpacked(path: string, blob: Blob): Promise<ReadonlyMap<string, Blob>> {
  const head = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  if (!isZip(head)) return new Map([[path, blob]]);
  const files = await unpackZip(path, new Uint8Array(await blob.arrayBuffer()));
  return new Map([...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));
}
