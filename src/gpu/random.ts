/** Counter-based random numbers: PCG's output permutation as a hash, with the same bits here and in WGSL. */

/** Mixes 32 bits. O'Neill 2014, RXS-M-XS; recommended as a hash by Jarzynski & Olano 2020. */
export function pcg(x: number): number {
  const state = (Math.imul(x, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/** `pcg` in WGSL. */
export const PCG_WGSL = `fn pcg(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}`;

/**
 * One 32-bit key for a draw, from all that names it: run seed, step, group, generation, turn, purpose.
 * Order matters; strings are hashed by UTF-16 code unit; fractions of numbers are dropped, both halves of 53 bits count.
 */
export function hashKey(...parts: (number | string)[]): number {
  let key = 0x9e3779b9;
  const mix = (word: number): void => {
    key = pcg(key ^ pcg(word >>> 0));
  };
  for (const part of parts) {
    if (typeof part === 'number') {
      mix(part >>> 0);
      mix(Math.floor(part / 2 ** 32) >>> 0);
    } else {
      for (let i = 0; i < part.length; i++) mix(part.charCodeAt(i));
      mix(0x80000000 + part.length);
    }
  }
  return key;
}

/** The `counter`-th uniform number in (0, 1) of `key`; 24 bits, never 0 or 1, so that its logarithm is finite. */
export function uniform(key: number, counter: number): number {
  return ((pcg(key ^ pcg((counter + 1) >>> 0)) >>> 8) + 0.5) / 2 ** 24;
}

/** `size` uniform numbers in [low, high). */
export function uniformArray(key: number, size: number, low = 0, high = 1): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => low + (high - low) * uniform(key, i));
}

/** `size` normal numbers by Box and Muller's transform. */
export function normalArray(key: number, size: number, mean = 0, deviation = 1): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(uniform(key, 2 * i)));
    return mean + deviation * radius * Math.cos(2 * Math.PI * uniform(key, 2 * i + 1));
  });
}
