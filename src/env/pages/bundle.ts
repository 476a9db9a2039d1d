/**
 * Makes a page of a folder such as MiniWoB++'s `html` into one self-contained text for a sandboxed frame, which can load
 * nothing: scripts inline, style sheets and images as data: URLs. Elements stay one for one, because bids count them.
 */
import { CodedError } from '../../errors.ts';

/** A file of the folder by its path from the top, such as `core/core.js`; null when there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | null>;

/** Paths of the files below a folder, such as `common/special/`. */
export type ListFiles = (folder: string) => Promise<readonly string[]>;

/** A task's page for a frame. */
export interface TaskPage {
  html: string;
  /** Path from the top of the folder → data: URL, for images whose address a script puts together. */
  images?: Record<string, string>;
  /**
   * Known to change no built-in object, declare only by `var` and `function`, and keep to its document: then its frame can
   * hold another such page after it.
   */
  reusable?: boolean;
}

/**
 * How a page that declares no encoding is read. A browser takes windows-1252 when the server says nothing, as the one that
 * MiniWoB++ and BrowserGym come with.
 */
export type PageEncoding = 'windows-1252' | 'utf-8';

/**
 * A folder of pages that cannot be read or is not one. Codes: `page-file-missing`, `no-pages`, `pages-without-core`,
 * `pages-too-large`, `pages-unreachable`, `no-such-page`.
 */
export class PagesError extends CodedError {
  override readonly name = 'PagesError';
}

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  gif: 'image/gif',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};
const FONT_TYPES: Readonly<Record<string, string>> = {
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
};

/**
 * @param path  of the page from the top of the folder, such as `miniwob/click-test.html`.
 * @param list  finds images whose names a script puts together.
 * @param encoding  what the server that the page is compared with says.
 * @throws {PagesError} `page-file-missing` naming the page or a script or style sheet that it includes.
 */
export async function bundlePage(
  path: string,
  read: ReadFile,
  list: ListFiles,
  encoding: PageEncoding = 'windows-1252',
): Promise<TaskPage> {
  const page = new Bundle(path, read, list, encoding);
  return page.make();
}

class Bundle {
  private readonly images: Record<string, string> = {};

  constructor(
    private readonly path: string,
    private readonly read: ReadFile,
    private readonly list: ListFiles,
    private readonly encoding: PageEncoding,
  ) {}

  async make(): Promise<TaskPage> {
    let html = await this.text(this.path);
    html = await replaceAsync(html, /<link\b[^>]*>/gi, tag => this.link(tag[0]));
    html = await replaceAsync(html, /(<style\b[^>]*>)([^]*?)(<\/style>)/gi, async ([, open, css, close]) =>
      [open, await this.style(css!, this.path), close].join(''),
    );
    html = await replaceAsync(html, /(<script\b[^>]*>)([^]*?)(<\/script>)/gi, async ([, open, code]) =>
      this.script(open!, code!),
    );
    html = await replaceAsync(
      html,
      /(<img\b[^>]*?\bsrc\s*=\s*)(["'])(.*?)\2/gi,
      async ([, before, , src]) => {
        const url = await this.dataUrl(resolve(src!, this.path));
        return `${before}"${url ?? EMPTY}"`;
      },
    );
    html = await replaceAsync(html, /(\bstyle\s*=\s*)(["'])(.*?)\2/gi, async ([, before, quote, css]) =>
      /url\(/i.test(css!)
        ? before + quote + (await this.style(css!, this.path, '')) + quote
        : before + quote + css + quote,
    );
    return { html, images: this.images };
  }

  private async link(tag: string): Promise<string> {
    const href = attribute(tag, 'href');
    if (!/\brel\s*=\s*["']?stylesheet/i.test(tag) || href === null) return tag;
    const path = resolve(href, this.path);
    const css = await this.style(await this.text(path), path);
    return tag.replace(/(\bhref\s*=\s*)(["']).*?\2/i, () => `href="${base64Url('text/css', encode(css))}"`);
  }

  private async script(open: string, code: string): Promise<string> {
    const src = attribute(open, 'src');
    const text = src === null ? code : await this.text(resolve(src, this.path));
    const tag = open.replace(/\s*\bsrc\s*=\s*(["']).*?\1/i, '');
    return `${tag}${escapeScript(await this.literals(text))}</script>`;
  }

  /** Addresses of images in a script: whole ones become data: URLs, folders are noted for names put together later. */
  private async literals(code: string): Promise<string> {
    for (const [, , folder] of code.matchAll(/(["'])((?:\.\.?\/)+[\w./-]*\/)\1/g)) {
      const under = resolve(folder!, this.path);
      for (const file of await this.list(under)) {
        const url = await this.dataUrl(file);
        if (url) this.images[file] = url;
      }
    }
    return replaceAsync(code, /(?:\.\.?\/)+[\w./-]+\.(?:png|gif|jpe?g|svg|webp)\b/g, async ([written]) => {
      return (await this.dataUrl(resolve(written, this.path))) ?? written;
    });
  }

  /** url(…) of a sheet. What is not there becomes an empty image, so that nothing is asked of any server. */
  private async style(css: string, base: string, quote = '"'): Promise<string> {
    return replaceAsync(css, /url\(\s*(["']?)(.*?)\1\s*\)/gi, async ([whole, , written]) => {
      const address = decodeURIComponent(written!).replace(/^["']|["']$/g, '');
      if (address.startsWith('data:') || address.startsWith('#')) return whole;
      const url = await this.dataUrl(resolve(address, base));
      return `url(${quote}${url ?? EMPTY}${quote})`;
    });
  }

  private async dataUrl(path: string): Promise<string | null> {
    const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
    const type = IMAGE_TYPES[extension] ?? FONT_TYPES[extension];
    if (!type) return null;
    const bytes = await this.read(path);
    // The path is for the frame, which shows it where the page's HTML is read.
    return bytes && base64Url(`${type};path=${encodeURIComponent(path)}`, bytes);
  }

  private async text(path: string): Promise<string> {
    const bytes = await this.read(path);
    if (bytes) return decode(bytes, this.encoding);
    throw new PagesError('page-file-missing', {
      message: `${this.path} needs ${path}, which is not in the folder. Pick the whole html folder of MiniWoB++, with core and common beside miniwob.`,
    });
  }
}

const EMPTY = 'data:,';

/** Path from the top of the folder of what `written` means in the file at `base`. */
function resolve(written: string, base: string): string {
  const { pathname } = new URL(written, `http://folder/${base}`);
  return decodeURIComponent(pathname).slice(1);
}

function attribute(tag: string, name: string): string | null {
  return new RegExp(`\\b${name}\\s*=\\s*(["'])(.*?)\\1`, 'i').exec(tag)?.[2] ?? null;
}

/** Keeps a script's text from ending its element. `\x3C` means `<` in strings, templates and regular expressions alike. */
function escapeScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, '\\x3C');
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** 0x80 to 0x9f in windows-1252; the other bytes are the code points that they are in Latin-1. */
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** A byte-order mark wins, as in browsers. Not TextDecoder for windows-1252: Node 20's decodes it as Latin-1. */
function decode(bytes: Uint8Array, encoding: PageEncoding): string {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (marked || encoding === 'utf-8') return new TextDecoder().decode(bytes);
  let out = '';
  for (const byte of bytes)
    out += byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte);
  return out;
}

function base64Url(type: string, bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${type};base64,${btoa(binary)}`;
}

async function replaceAsync(
  text: string,
  pattern: RegExp,
  replace: (match: RegExpMatchArray) => Promise<string>,
): Promise<string> {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    out += text.slice(at, match.index) + (await replace(match));
    at = match.index + match[0].length;
  }
  return out + text.slice(at);
}
