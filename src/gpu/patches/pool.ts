/**
 * tfjs pools buffers by their exact size, so prompts of ever new lengths find nothing to reuse: every step made and destroyed
 * gigabytes, which a real GPU takes longer for than for the arithmetic. Here sizes are rounded up to classes.
 */
import type { BufferManager } from '../internals.ts';

/** Buffers below this are as large as they were asked to be: there are few sizes of them, and uniforms are bound whole. */
const LEAST = 16_384;

/** Classes between a power of two and the next: at most an eighth of a buffer is unused. */
const CLASSES = 8;

/** `bytes` rounded up to its class; unchanged where the class is larger than `most`. */
export function sizeClass(bytes: number, most: number): number {
  if (bytes < LEAST) return bytes;
  const step = 2 ** Math.floor(Math.log2(bytes)) / CLASSES;
  const rounded = Math.ceil(bytes / step) * step;
  return rounded <= most ? rounded : bytes;
}

/** An idle buffer serves a request of at least half its size: memory that is made and freed costs more than memory unused. */
const LARGEST_FIT = 2;

/** Whether a buffer of `size` serves a request. */
export function fits(size: number, request: number): boolean {
  return size >= request && size <= LARGEST_FIT * request;
}

/** The size of the idle buffer that serves a request best; undefined where there is none. */
export function idleBuffer(
  pool: BufferManager,
  request: number,
  usage: number,
  most: number,
): number | undefined {
  const last = Math.min(most, LARGEST_FIT * request);
  for (let fit = sizeClass(request, most); fit <= last; fit = sizeClass(fit + 4, Infinity))
    if ((pool.freeBuffers.get(`${fit}_${usage}`)?.length ?? 0) > 0) return fit;
  return undefined;
}

/**
 * Makes the pool round sizes up and reuse what is a little larger, and tells `onUse` how many bytes are in use after every
 * request. A buffer may from then on be longer than its tensor.
 */
export function poolBySizeClass(pool: BufferManager, most: number, onUse: (bytes: number) => void): void {
  const acquire = pool.acquireBuffer.bind(pool);
  pool.acquireBuffer = (size, usage, mappedAtCreation, reuse = true) => {
    const idle = reuse && size >= LEAST ? idleBuffer(pool, size, usage, most) : undefined;
    const buffer = acquire(idle ?? sizeClass(size, most), usage, mappedAtCreation, reuse);
    onUse(pool.numBytesUsed);
    return buffer;
  };
}
