/** Which tokens of a vocabulary go on with a text that an automaton reads. */
import { DEAD, type Automaton } from './automaton.ts';

/**
 * Tokens in the order of their bytes, so that those that begin alike are read once, and passed over together where the automaton
 * refuses what they begin with.
 */
export class TokenTable {
  readonly #order: Int32Array;
  /** Bytes that a token shares with the one before it in the order. */
  readonly #shared: Int32Array;
  readonly #longest: number;
  readonly #allowed = new WeakMap<Automaton, Uint32Array[]>();

  /**
   * @param bytes  of each token by its id; undefined for tokens that are no text
   * @param eosIds  tokens that end a text
   * @param vocabulary  rows of the head: ids beyond the tokens are never allowed
   */
  constructor(
    private readonly bytes: readonly (Uint8Array | undefined)[],
    private readonly eosIds: readonly number[],
    private readonly vocabulary: number,
  ) {
    const keys = new Map<number, string>();
    bytes.forEach((own, id) => {
      if (own && own.length > 0 && id < vocabulary) keys.set(id, String.fromCharCode(...own));
    });
    const order = [...keys].sort(([, a], [, b]) => (a < b ? -1 : Number(a > b)));
    this.#order = Int32Array.from(order, ([id]) => id);
    this.#shared = Int32Array.from(order, ([, key], i) => (i === 0 ? 0 : sharedStart(key, order[i - 1][1])));
    this.#longest = Math.max(0, ...order.map(([, key]) => key.length));
  }

  /** [vocabulary / 32], a bit for each token that may follow in `state`; the ends are among them where the text is whole. */
  allowed(automaton: Automaton, state: number): Uint32Array {
    const known = this.#allowed.get(automaton) ?? [];
    this.#allowed.set(automaton, known);
    return (known[state] ??= this.#find(automaton, state));
  }

  /** The state after token `id`, which must be an allowed one; `state` itself after one that ends the text. */
  after(automaton: Automaton, state: number, id: number): number {
    let at = state;
    for (const byte of this.bytes[id] ?? []) at = automaton.step(at, byte);
    return at;
  }

  #find(automaton: Automaton, state: number): Uint32Array {
    const bits = new Uint32Array(Math.ceil(this.vocabulary / 32));
    const allow = (id: number): void => void (bits[id >>> 5] |= 1 << (id & 31));
    if (automaton.accepts(state)) this.eosIds.forEach(allow);
    const states = new Int32Array(this.#longest + 1);
    states[0] = state;
    // Bytes of the last token that the automaton took.
    let taken = 0;
    this.#order.forEach((id, i) => {
      const shared = this.#shared[i];
      // It begins with what was refused.
      if (shared > taken) return;
      const own = this.bytes[id]!;
      for (taken = shared; taken < own.length; taken++) {
        const next = automaton.step(states[taken], own[taken]);
        if (next === DEAD) return;
        states[taken + 1] = next;
      }
      allow(id);
    });
    return bits;
  }
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
