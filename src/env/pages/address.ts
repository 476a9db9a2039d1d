/** MiniWoB++'s pages from a server: what each page includes is fetched as the bundler meets it. */
import { bundlePage, PagesError } from './bundle.ts';
import { CORE, type PageFiles } from './folder.ts';

/** Requests under way at once. */
const AT_ONCE = 8;

/**
 * Fetches the pages below an address and all that they include.
 *
 * @param address  of the html folder; of `html/miniwob/`, as BrowserGym's MINIWOB_URL says it; or of one of its pages.
 * @param names  tasks to ask for where the server does not list its folders.
 * @param onProgress  pages done, of how many.
 * @throws {PagesError} `pages-unreachable`; `no-pages`; `page-file-missing` for a page without what it includes
 */
export async function fetchPageFiles(
  address: string,
  names: readonly string[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PageFiles> {
  const server = new PageServer(folderAddress(address));
  if (!(await server.read(CORE)))
    throw new PagesError('no-pages', {
      message: `There is no ${CORE} below ${server.root}. Give the address of MiniWoB++'s html folder, which has core, common and miniwob in it.`,
    });
  const listed = (await server.list('miniwob/')).flatMap(
    path => /^miniwob\/([\w-]+)\.html$/.exec(path)?.[1] ?? [],
  );
  const pages = (listed.length > 0 ? listed : names).map(name => `miniwob/${name}.html`);
  let done = 0;
  const queue = [...pages];
  const work = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (await server.read(path))
        await bundlePage(
          path,
          each => server.read(each),
          folder => server.list(folder),
        );
      onProgress(++done, pages.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return server.files();
}

/** @throws {PagesError} `pages-unreachable` */
function folderAddress(text: string): string {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol))
    throw new PagesError('pages-unreachable', {
      message: `“${text.trim()}” is no address. Write it with http:// or https:// before it.`,
    });
  const path = url.pathname.replace(/[^/]+\.html$/, '').replace(/\/*$/, '/');
  return url.origin + path.replace(/\/miniwob\/$/, '/');
}

class PageServer {
  private readonly kept = new Map<string, Promise<Blob | null>>();
  private readonly listings = new Map<string, Promise<string[]>>();

  /** @param root  address of the html folder, with a slash at its end. */
  constructor(readonly root: string) {}

  async read(path: string): Promise<Uint8Array | null> {
    const known = this.kept.get(path) ?? this.fetch(path);
    this.kept.set(path, known);
    const blob = await known;
    return blob && new Uint8Array(await blob.arrayBuffer());
  }

  /** Files that the server names when it is asked for a folder; none where it does not. */
  list(folder: string): Promise<string[]> {
    const known = this.listings.get(folder) ?? this.fetchList(folder);
    this.listings.set(folder, known);
    return known;
  }

  async files(): Promise<PageFiles> {
    const files = new Map<string, Blob>();
    for (const [path, blob] of this.kept) {
      const kept = await blob;
      if (kept) files.set(path, kept);
    }
    return files;
  }

  private async fetchList(folder: string): Promise<string[]> {
    const response = await this.ask(folder);
    if (!response.ok || !isHtml(response)) return [];
    const base = new URL(folder, this.root).href;
    const linked = [...(await response.text()).matchAll(/\bhref\s*=\s*"([^"?#]+)"/gi)].flatMap(
      ([, href]) => URL.parse(href!, base)?.href ?? [],
    );
    return linked
      .filter(each => each.startsWith(base) && !each.endsWith('/'))
      .map(each => decodeURIComponent(each.slice(this.root.length)));
  }

  /** null for what is not there; many servers answer with a page of their own instead of 404. */
  private async fetch(path: string): Promise<Blob | null> {
    const response = await this.ask(path);
    if (!response.ok || (isHtml(response) && !path.endsWith('.html'))) return null;
    return response.blob();
  }

  private async ask(path: string): Promise<Response> {
    const address = new URL(path, this.root).href;
    try {
      return await fetch(address, { credentials: 'omit' });
    } catch (cause) {
      const mixed = location.protocol === 'https:' && address.startsWith('http:');
      const why = mixed
        ? 'This page came by https, and a browser then fetches by http from this machine alone, if at all.'
        : 'Either nothing answers there, or its server does not let other sites read it (it would have to send Access-Control-Allow-Origin).';
      throw new PagesError('pages-unreachable', {
        message: `${address} could not be fetched. ${why} Download the folder and drop it here instead.`,
        cause,
      });
    }
  }
}

function isHtml(response: Response): boolean {
  return response.headers.get('content-type')?.includes('text/html') ?? false;
}
