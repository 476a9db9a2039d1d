/** Tiles of matrix products, measured on the GPU at hand: kept from one visit to the next, and added to between steps. */
import { CodedError } from '../errors.ts';
import { loadTiles, savedTiles, tilesKey, tuneTiles } from '../gpu/index.ts';
import { keepTiles, keptTiles } from '../storage/tiles.ts';
import { StorageError } from '../storage/errors.ts';

/** Takes what an earlier visit measured on this adapter. What cannot be read counts as nothing: it is measured again. */
export async function recallTiles(): Promise<boolean> {
  const key = tilesKey();
  if (key === null) return false;
  try {
    const text = await keptTiles(key);
    return text !== null && loadTiles(text);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return false;
  }
}

/**
 * Measures what has come up often, a second in all for each device, and keeps it.
 * @param warn  is told when the GPU's or the browser's memory did not do: the run goes on without
 */
export async function improveTiles(warn: (error: CodedError) => void): Promise<void> {
  const key = tilesKey();
  if (key === null) return;
  try {
    const timings = await tuneTiles();
    if (timings.length > 0) await keepTiles(key, savedTiles());
  } catch (error) {
    const code = error instanceof CodedError ? error.code : '';
    if (!(error instanceof StorageError) && code !== 'out-of-memory') throw error;
    warn(error as CodedError);
  }
}
