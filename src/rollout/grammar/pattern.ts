/** Patterns over the bytes of a text, put together from parts, and the nondeterministic automaton of one (Thompson 1968). */

/** Bytes from the first to the second, both included. */
export type Range = readonly [from: number, to: number];

export type Pattern =
  | { kind: 'byte'; ranges: readonly Range[] }
  | { kind: 'sequence'; parts: readonly Pattern[] }
  | { kind: 'choice'; of: readonly Pattern[] }
  | { kind: 'repeat'; of: Pattern; least: number; most: number };

export function byte(...ranges: Range[]): Pattern {
  return { kind: 'byte', ranges };
}

/** The UTF-8 bytes of `literal`, in order. */
export function text(literal: string): Pattern {
  return sequence(...[...new TextEncoder().encode(literal)].map(b => byte([b, b])));
}

export function sequence(...parts: Pattern[]): Pattern {
  return { kind: 'sequence', parts };
}

/** @param of  at least one: no text would match none */
export function choice(...of: Pattern[]): Pattern {
  if (of.length === 0) throw new RangeError('A choice among no patterns matches nothing.');
  return of.length === 1 ? of[0] : { kind: 'choice', of };
}

export function words(...literals: string[]): Pattern {
  return choice(...literals.map(text));
}

/** @param most  Infinity for any number */
export function repeat(of: Pattern, least: number, most: number): Pattern {
  return { kind: 'repeat', of, least, most };
}

export function optional(of: Pattern): Pattern {
  return repeat(of, 0, 1);
}

/** States are numbers from 0; state 0 is the start. */
export interface Nfa {
  /** Of each state, where its bytes lead. */
  edges: { ranges: readonly Range[]; to: number }[][];
  /** Of each state, where it is without a byte. */
  empty: number[][];
  accepting: number;
}

export function nfaOf(pattern: Pattern): Nfa {
  const nfa: Nfa = { edges: [], empty: [], accepting: 0 };
  const state = (): number => {
    nfa.edges.push([]);
    return nfa.empty.push([]) - 1;
  };
  /** Adds `part` after state `from`. @returns the state after it */
  const add = (part: Pattern, from: number): number => {
    switch (part.kind) {
      case 'byte': {
        const to = state();
        nfa.edges[from].push({ ranges: part.ranges, to });
        return to;
      }
      case 'sequence':
        return part.parts.reduce((at, each) => add(each, at), from);
      case 'choice': {
        const to = state();
        for (const each of part.of) {
          const start = state();
          nfa.empty[from].push(start);
          nfa.empty[add(each, start)].push(to);
        }
        return to;
      }
      case 'repeat': {
        let at = from;
        for (let i = 0; i < part.least; i++) at = add(part.of, at);
        const to = state();
        nfa.empty[at].push(to);
        if (part.most === Infinity) {
          const loop = state();
          nfa.empty[at].push(loop);
          const end = add(part.of, loop);
          nfa.empty[end].push(loop, to);
        } else {
          for (let i = part.least; i < part.most; i++) {
            // A state of its own, so that a repeat within a repeat cannot come back into this one.
            const next = state();
            nfa.empty[at].push(next);
            at = add(part.of, next);
            nfa.empty[at].push(to);
          }
        }
        return to;
      }
    }
  };
  nfa.accepting = add(pattern, state());
  return nfa;
}
