/** A pattern as a deterministic automaton, whose states are made when they are first met. */
import { nfaOf, type Nfa, type Pattern } from './pattern.ts';

/** No text that begins so matches. */
export const DEAD = -1;

const UNKNOWN = -2;

/**
 * States are small numbers. From every state that is met some text leads to an accepting one, because a pattern's parts all match
 * something.
 */
export class Automaton {
  readonly start: number;
  readonly #nfa: Nfa;
  /** The states of the nondeterministic automaton that each state stands for, in order. */
  readonly #sets: number[][] = [];
  readonly #known = new Map<string, number>();
  /** [256] of each state: where each byte leads. */
  readonly #next: Int32Array[] = [];

  constructor(pattern: Pattern) {
    this.#nfa = nfaOf(pattern);
    this.start = this.#state([0]);
  }

  /** @returns the state after `byte`, or DEAD */
  step(state: number, byte: number): number {
    const next = this.#next[state][byte];
    if (next !== UNKNOWN) return next;
    const targets = this.#sets[state].flatMap(each =>
      this.#nfa.edges[each]
        .filter(({ ranges }) => ranges.some(([from, to]) => byte >= from && byte <= to))
        .map(({ to }) => to),
    );
    return (this.#next[state][byte] = targets.length === 0 ? DEAD : this.#state(targets));
  }

  /** Whether the text so far matches as it is. */
  accepts(state: number): boolean {
    return this.#sets[state].includes(this.#nfa.accepting);
  }

  #state(from: readonly number[]): number {
    const reached = new Set(from);
    // A set is walked in the order in which it grows.
    for (const each of reached) for (const to of this.#nfa.empty[each]) reached.add(to);
    const set = [...reached].sort((a, b) => a - b);
    const name = set.join();
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, this.#sets.length);
    this.#next.push(new Int32Array(256).fill(UNKNOWN));
    return this.#sets.push(set) - 1;
  }
}
