/** Images of a folder's page whose address a script puts together: they came along as data: URLs, for a frame loads nothing. */

import { macrotask } from './macrotask.ts';

let images: Readonly<Record<string, string>> = {};

/** What the page may ask for from now on: path from the top of its folder → data: URL. */
export function provideImages(known: Readonly<Record<string, string>>): void {
  images = known;
}

/** Path from the top of the folder of the file whose bytes `text` has as a data: URL; null for any other text. */
export function filePath(text: string): string | null {
  const path = /data:[\w/+.-]+;path=([^;,]*)[;,]/.exec(text)?.[1];
  return path === undefined ? null : decodeURIComponent(path);
}

/** Must run before any script of the page. */
export function installImages(): void {
  const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src')!;
  Object.defineProperty(HTMLImageElement.prototype, 'src', {
    ...src,
    set(this: HTMLImageElement, value: unknown) {
      src.set!.call(this, provided(String(value)));
    },
  });
  const { setAttribute } = Element.prototype;
  HTMLImageElement.prototype.setAttribute = function (this: HTMLImageElement, name: string, value: unknown) {
    const text = String(value);
    setAttribute.call(this, name, name.toLowerCase() === 'src' ? provided(text) : text);
  };
}

function provided(address: string): string {
  if (/^(data|blob):/.test(address)) return address;
  const path = address.replace(/^(\.{1,2}\/)+/, '');
  return images[path] ?? address;
}

/**
 * Resolves when every picture of the page is there or has failed: their sizes are part of the layout. Those of style sheets
 * tell nobody, but what came along in a data: URL is there after a turn of the event loop.
 */
export async function imagesReady(): Promise<void> {
  await Promise.all(
    [...document.images].filter(image => !image.complete).map(image => image.decode().catch(() => undefined)),
  );
  // Layout is what asks for them.
  document.documentElement.getBoundingClientRect();
  await macrotask();
}
