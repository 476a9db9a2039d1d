import { expect, test } from 'vitest';
import fixture from '../../../tests/fixtures/golden/grammar.json?raw';
import { pythonRepr } from './describe.ts';
import { ActionError } from './error.ts';
import { findCalls, parseCalls } from './grammar.ts';
import type { Literal } from './literals.ts';

interface Recorded {
  text: string;
  calls?: [name: string, positional: Literal[], named: [string, Literal][]][];
  error?: string;
}

/** What BrowserGym 0.14.3's own parser (pyparsing 3.3.3) makes of each text. */
const recorded = JSON.parse(fixture) as Recorded[];

test.each(recorded)('BrowserGym and we read alike: $text', ({ text, calls, error }) => {
  if (error !== undefined) {
    expect(() => findCalls(text)).toThrow(
      new ActionError('bad-literal', error.split(': ')[0]!, error.slice(13)),
    );
    return;
  }
  expect(findCalls(text).map(call => [call.name, call.positional, call.named])).toEqual(calls);
});

test('what Python prints of a value is read back as that value', () => {
  const random = lcg(5);
  for (let trial = 0; trial < 500; trial++) {
    const value = randomLiteral(random, 0);
    const [call] = findCalls(`some prose f(${pythonRepr(value)}, key=${pythonRepr(value)}) and more`);
    expect(call).toEqual({ name: 'f', positional: [value], named: [['key', value]] });
  }
});

test('a text that never closes its quotes or brackets is read in time linear in its length', () => {
  const started = performance.now();
  for (const piece of ['\\x41', '""x', "''x", '(', '[', 'f(', "f('", '#', '{"a":']) {
    expect(() => findCalls(`f("""${piece.repeat(5000)}`)).not.toThrow(SyntaxError);
    expect(() => findCalls(`f("${piece.repeat(5000)}`)).not.toThrow(SyntaxError);
  }
  expect(performance.now() - started).toBeLessThan(5000);
});

test('brackets without end are an error, not a crash', () => {
  expect(() => findCalls(`f(${'['.repeat(5000)}`)).toThrow(
    'RecursionError: maximum recursion depth exceeded',
  );
});

test('strict reading takes calls and comments, and names the place where it stops', () => {
  expect(parseCalls(" click('1')  # first\n fill('2', 'x') ")).toHaveLength(2);
  for (const bad of ["go: click('1')", "click('1') ok", '', 'click(', "click('1');"]) {
    expect(() => parseCalls(bad), bad).toThrow(ActionError);
  }
  expect(() => parseCalls("click('1')\nthen stop")).toThrow('(at char 11), (line:2, col:1)');
});

function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function randomLiteral(random: () => number, depth: number): Literal {
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
  const many = <T>(make: () => T): T[] => Array.from({ length: Math.floor(random() * 4) }, make);
  const kind = Math.floor(random() * (depth < 3 ? 6 : 4));
  if (kind === 0) return pick([true, false, null]);
  if (kind === 1) return pick([0, 7, -12, 0.5, -1e-9, 6.02e23, 1e21]);
  if (kind < 4)
    return many(() => pick(['a', "'", '"', '\\', '\n', '\r', '\0', 'é', '\u200b', '\ue611', '😀', '#'])).join(
      '',
    );
  if (kind === 4) return many(() => randomLiteral(random, depth + 1));
  return Object.fromEntries(many(() => [`k${Math.floor(random() * 99)}'`, randomLiteral(random, depth + 1)]));
}
