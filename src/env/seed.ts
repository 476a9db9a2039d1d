/** BrowserGym's way from an episode's seed to the number that MiniWoB's page is seeded with. */

/** Words of the Mersenne Twister's state, and the distance that its recurrence looks ahead (Matsumoto & Nishimura 1998). */
const N = 624;
const M = 397;

/**
 * What BrowserGym gives to Math.seedrandom for `seed`: `numpy.random.RandomState(seed).randint(0, 1000000)`.
 *
 * @param seed  integer in [0, 2^32), NumPy's bounds.
 * @returns integer in [0, 1000000).
 * @throws {RangeError} for anything else.
 * @see NumPy's legacy seeding (init_genrand) and its bounded integers: mask to 20 bits, reject what is too large
 */
export function wobSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`An episode's seed must be an integer between 0 and 2**32 - 1, got ${seed}.`);
  }
  for (const word of twister(seed)) {
    const candidate = word & 0xfffff;
    if (candidate < 1_000_000) return candidate;
  }
  throw new Error('unreachable: the twister never ends');
}

/** The 32-bit outputs of MT19937 seeded by init_genrand. */
function* twister(seed: number): Generator<number> {
  const state = new Uint32Array(N);
  state[0] = seed;
  for (let i = 1; i < N; i++) {
    const last = state[i - 1]!;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  for (let i = 0; ; i = (i + 1) % N) {
    const joined = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
    const next = state[(i + M) % N]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[i] = next;
    yield tempered(next);
  }
}

function tempered(word: number): number {
  word ^= word >>> 11;
  word ^= (word << 7) & 0x9d2c5680;
  word ^= (word << 15) & 0xefc60000;
  return (word ^ (word >>> 18)) >>> 0;
}
