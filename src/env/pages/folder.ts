/** A folder of pages in MiniWoB++'s layout: which of the files at hand belong to it, which tasks it has, and what is wrong with it. */
import { bundlePage, PagesError, type TaskPage } from './bundle.ts';

/** Files by their path from the folder that holds `core`, `common` and `miniwob`. */
export type PageFiles = ReadonlyMap<string, Blob>;

export interface PageFolder {
  /** The same for the same files, wherever they come from: 16 hexadecimal digits. */
  id: string;
  files: PageFiles;
  /** Names of its tasks, by the alphabet. */
  tasks: string[];
  bytes: number;
  /** Of its pages, those that are left out because a file that they include is not there: `name: why`. */
  broken: string[];
}

/** The file that makes a page one of MiniWoB++'s. */
export const CORE = 'core/core.js';
const PAGE = /^miniwob\/([\w-]+)\.html$/;
/** MiniWoB++ has 6 MB. */
const MOST_BYTES = 200e6;
/** Pages that come with MiniWoB++ and that BrowserGym leaves out: they are played against the wall clock. */
const NOT_REGISTERED = new Set(['button-delay', 'chase-circle', 'hover-shape', 'moving-items', 'simon-says']);

const EXPECTED =
  'Pick the html folder of MiniWoB++ (miniwob/html in its repository), which has core, common and miniwob in it.';

/**
 * Finds the folder of pages among files that were picked, dropped, unpacked or fetched. It may lie anywhere among them, as in a
 * copy of the whole repository.
 *
 * @param name  what was picked, for messages.
 * @throws {PagesError} `no-pages`, `pages-without-core`, `pages-too-large`; nothing is kept then.
 */
export async function readPageFolder(name: string, picked: PageFiles): Promise<PageFolder> {
  const root = findRoot(name, [...picked.keys()]);
  const files = new Map<string, Blob>();
  let bytes = 0;
  for (const path of [...picked.keys()].filter(each => each.startsWith(root)).sort()) {
    const blob = picked.get(path)!;
    bytes += blob.size;
    files.set(path.slice(root.length), blob);
  }
  if (bytes > MOST_BYTES)
    throw new PagesError('pages-too-large', {
      message: `“${name}” has ${(bytes / 1e6).toFixed(0)} MB beside its pages, and at most ${MOST_BYTES / 1e6} MB are kept. ${EXPECTED}`,
    });
  if (!/\bstartEpisodeReal\b/.test(await files.get(CORE)!.text()))
    throw new PagesError('pages-without-core', {
      message: `${CORE} in “${name}” is not MiniWoB++'s: it defines no core.startEpisodeReal. ${EXPECTED}`,
    });
  const found = await tasksOf(files);
  if (found.length === 0)
    throw new PagesError('no-pages', {
      message: `No page in “${name}” is a task: each of miniwob/*.html must load ../${CORE}. ${EXPECTED}`,
    });
  const tasks: string[] = [];
  const broken: string[] = [];
  for (const task of found) {
    const problem = await problemOf(files, task);
    if (problem) broken.push(`${task}: ${problem.message}`);
    else tasks.push(task);
    if (problem && broken.length === found.length) throw problem;
  }
  return { id: await fingerprint(files), files, tasks, bytes, broken };
}

/** What keeps a page from being made whole, null for nothing. */
async function problemOf(files: PageFiles, task: string): Promise<PagesError | null> {
  try {
    await pageOfFolder(files, task);
    return null;
  } catch (error) {
    if (error instanceof PagesError) return error;
    throw error;
  }
}

/**
 * One task's page as a text for a frame.
 * @throws {PagesError} `no-such-page`; `page-file-missing`
 */
export async function pageOfFolder(files: PageFiles, task: string): Promise<TaskPage> {
  const path = `miniwob/${task}.html`;
  if (!files.has(path))
    throw new PagesError('no-such-page', {
      message: `There is no ${path} in the folder of MiniWoB++ pages that the run trains on. Take ${task} out of the tasks, or pick a whole copy.`,
    });
  const read = async (name: string) => {
    const blob = files.get(name);
    return blob ? new Uint8Array(await blob.arrayBuffer()) : null;
  };
  return bundlePage(path, read, async under => [...files.keys()].filter(name => name.startsWith(under)));
}

/** Whether files that were dropped look like pages rather than like a model. */
export function looksLikePages(paths: Iterable<string>): boolean {
  for (const path of paths) if (/\.html?$/i.test(path)) return true;
  return false;
}

/** Path of the folder of pages among the files, '' or with a slash at its end. */
function findRoot(name: string, paths: readonly string[]): string {
  const pages = paths.filter(path => /(^|\/)miniwob\/[^/]+\.html$/.test(path));
  const roots = paths
    .filter(path => /(^|\/)core\/core\.js$/.test(path))
    .map(path => path.slice(0, -CORE.length));
  const whole = roots.filter(root =>
    pages.some(page => PAGE.test(page.slice(root.length)) && page.startsWith(root)),
  );
  whole.sort((a, b) => a.length - b.length);
  if (whole[0] !== undefined) return whole[0];
  const html = paths.filter(path => path.endsWith('.html')).length;
  if (roots.length > 0)
    throw new PagesError('no-pages', {
      message: `“${name}” has ${CORE} but no miniwob folder with pages beside it. ${EXPECTED}`,
    });
  if (html > 0)
    throw new PagesError('pages-without-core', {
      message: `“${name}” has ${html} page${html === 1 ? '' : 's'} but not ${CORE}, which each of them needs. ${EXPECTED}`,
    });
  throw new PagesError('no-pages', {
    message: `“${name}” is no copy of MiniWoB++'s pages: neither ${CORE} nor miniwob/*.html is among its ${paths.length} files. ${EXPECTED}`,
  });
}

async function tasksOf(files: PageFiles): Promise<string[]> {
  const tasks: string[] = [];
  for (const [path, blob] of files) {
    const task = PAGE.exec(path)?.[1];
    if (task === undefined || NOT_REGISTERED.has(task)) continue;
    if (/<script\b[^>]*\bcore\/core\.js/i.test(await blob.text())) tasks.push(task);
  }
  return tasks.sort();
}

/** Of every path and what its file holds. */
async function fingerprint(files: PageFiles): Promise<string> {
  const lines: string[] = [];
  for (const [path, blob] of files) lines.push(`${path} ${await digest(await blob.arrayBuffer())}`);
  return (await digest(new TextEncoder().encode(lines.join('\n')).buffer)).slice(0, 16);
}

async function digest(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
