/** Tiles that were measured for the GPU at hand, kept in the browser's cache: lost with it, they are measured again. */
import { storing } from './errors.ts';

const CACHE = 'gpu-tiles';

/** A cache's entries go by address; nothing is ever fetched from this one. */
const address = (key: string): string => `https://gpu-tiles.invalid/${encodeURIComponent(key)}`;

/** What was kept under `key`; null where nothing was, or the browser offers no cache here. */
export async function keptTiles(key: string): Promise<string | null> {
  if (!('caches' in globalThis)) return null;
  return storing('measured tiles', async () => {
    const found = await (await caches.open(CACHE)).match(address(key));
    return found ? found.text() : null;
  });
}

/** @throws {StorageError} storage-full or storage-unavailable */
export async function keepTiles(key: string, text: string): Promise<void> {
  if (!('caches' in globalThis)) return;
  await storing('measured tiles', async () => {
    await (await caches.open(CACHE)).put(address(key), new Response(text));
  });
}
