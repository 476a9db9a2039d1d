/**
 * Python literals as BrowserGym's action grammar takes them: strings without prefix, numbers, True, False, None, lists, tuples,
 * dicts with string keys. Written as a scanner over one text, with no evaluation of any kind.
 *
 * @see BrowserGym 0.14.3 action/parsers.py (pyparsing), whose matching rules this follows
 */
import { ActionError } from './error.ts';

/** A Python literal as JSON; tuples become arrays. */
export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** Identifiers are pyparsing's: ASCII and Latin-1 letters only. */
const IDENTIFIER = /[A-Z_a-zªµºÀ-ÖØ-öø-ÿ][0-9A-Z_a-zªµ·ºÀ-ÖØ-öø-ÿ]*/y;
const BLANK = /(?:[ \n\t\r]|#[^\n]*)*/y;
const NUMBER = /[+-]?(?:\d+[eE][+-]?\d+|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+)/y;
const KEYWORD = /(True|False|None)(?![\w$])/y;
const KEYWORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
/** Triple quotes first: pyparsing takes the longest of the alternatives. No text matches in two ways, so no try is repeated. */
const STRINGS = [
  /"""((?:[^"\\]|"(?!"")|\\[^\n])*)"""/y,
  /'''((?:[^'\\]|'(?!'')|\\[^\n])*)'''/y,
  /"((?:[^"\n\r\\]|\\(?:[^x]|x[0-9a-fA-F]))*)"/y,
  /'((?:[^'\n\r\\]|\\(?:[^x]|x[0-9a-fA-F]))*)'/y,
];
/** Brackets inside brackets; far beyond any action, and well before the stack ends. */
const MAX_DEPTH = 64;

/** A place in a text. Every `take…` skips blanks and comments first, and leaves the place alone when it does not match. */
export class Scanner {
  position = 0;
  #depth = 0;

  constructor(readonly text: string) {}

  skipBlanks(): void {
    this.#match(BLANK);
  }

  takeIdentifier(): string | undefined {
    return this.#taking(() => this.#match(IDENTIFIER)?.[0]);
  }

  /** True when `symbol`, one character, came next. */
  takeSymbol(symbol: string): boolean {
    this.skipBlanks();
    if (this.text[this.position] !== symbol) return false;
    this.position++;
    return true;
  }

  /** @throws {ActionError} for a string whose escapes Python cannot decode, and for nesting that has no end. */
  takeLiteral(): { value: Literal } | undefined {
    return this.#taking(() => {
      for (const pattern of STRINGS) {
        const match = this.#match(pattern);
        if (match) return { value: unescapeString(match[1]!) };
      }
      const number = this.#match(NUMBER);
      if (number) return { value: Number(number[0]) };
      const keyword = this.#match(KEYWORD);
      if (keyword) return { value: KEYWORDS[keyword[1]!]! };
      return this.#takeNested();
    });
  }

  /** `item` repeated with commas between, and perhaps one after the last. Returns what was there, maybe nothing. */
  takeList<T>(item: () => T | undefined): T[] {
    const items: T[] = [];
    for (;;) {
      const next = this.#taking(item);
      if (next === undefined) return items;
      items.push(next);
      if (!this.takeSymbol(',')) return items;
    }
  }

  #takeNested(): { value: Literal } | undefined {
    if (++this.#depth > MAX_DEPTH) {
      throw new ActionError('too-deep', 'RecursionError', 'maximum recursion depth exceeded');
    }
    try {
      for (const [open, close] of ['[]', '()']) {
        if (!this.takeSymbol(open!)) continue;
        const items = this.takeList(() => this.takeLiteral());
        return this.takeSymbol(close!) ? { value: items.map(item => item.value) } : undefined;
      }
      if (!this.takeSymbol('{')) return undefined;
      const entries = this.takeList(() => this.#takeEntry());
      return this.takeSymbol('}') ? { value: Object.fromEntries(entries) } : undefined;
    } finally {
      this.#depth--;
    }
  }

  #takeEntry(): [string, Literal] | undefined {
    const key = this.takeLiteral();
    if (typeof key?.value !== 'string' || !this.takeSymbol(':')) return undefined;
    const value = this.takeLiteral();
    return value && [key.value, value.value];
  }

  #taking<T>(take: () => T | undefined): T | undefined {
    const start = this.position;
    this.skipBlanks();
    const taken = take();
    if (taken === undefined) this.position = start;
    return taken;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.position = pattern.lastIndex;
    return match;
  }
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** What lies between the quotes of a Python string literal, decoded. An unknown escape keeps its backslash, as in Python. */
export function unescapeString(body: string): string {
  return body.replace(
    /\\(?:\r\n|([0-7]{1,3})|([xuU])([0-9a-fA-F]*)|(N)(?:\{[^}]*\})?|([^]))/g,
    (
      whole: string,
      octal: string | undefined,
      kind: string | undefined,
      hex: string | undefined,
      named: string | undefined,
      char: string | undefined,
      offset: number,
    ) => {
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
      if (kind && hex !== undefined) return hexEscape(kind, hex, offset);
      // The table of Unicode names is a megabyte; no action needs one.
      if (named) throw undecodable(offset, offset + whole.length - 1, 'unknown Unicode character name');
      if (char === undefined) return '';
      return SIMPLE_ESCAPES[char] ?? whole;
    },
  );
}

function hexEscape(kind: string, hex: string, offset: number): string {
  const digits = HEX_DIGITS[kind]!;
  if (hex.length < digits) {
    const shape = `\\${kind}${kind === 'x' ? 'XX' : 'X'.repeat(digits)}`;
    throw undecodable(offset, offset + 1 + hex.length, `truncated ${shape} escape`);
  }
  const code = Number.parseInt(hex.slice(0, digits), 16);
  if (code > 0x10ffff) throw undecodable(offset, offset + 9, 'illegal Unicode character');
  return String.fromCodePoint(code) + hex.slice(digits);
}

function undecodable(from: number, to: number, why: string): ActionError {
  return new ActionError(
    'bad-literal',
    'SyntaxError',
    `(unicode error) 'unicodeescape' codec can't decode bytes in position ${from}-${to}: ${why} (<unknown>, line 1)`,
  );
}
