/** Finds calls such as `click('13', button="right")` in a text, as BrowserGym's parser does. */
import { ActionError } from './error.ts';
import { Scanner, type Literal } from './literals.ts';

/** A call as written: nothing is known yet of the function or its parameters. */
export interface RawCall {
  name: string;
  positional: Literal[];
  named: [name: string, value: Literal][];
}

/**
 * Every call in the text, in order; whatever lies between is passed over. A `#` outside a call hides the rest of its line, and
 * a call that does not parse is passed over too, but calls inside its brackets are found.
 */
export function findCalls(text: string): RawCall[] {
  const scanner = new Scanner(expandTabs(text));
  const calls: RawCall[] = [];
  while (scanner.position < scanner.text.length) {
    scanner.skipBlanks();
    const start = scanner.position;
    const call = takeCall(scanner);
    if (call) {
      calls.push(call);
      continue;
    }
    // The tails of a name meet what the whole name met, so they need no try of their own.
    scanner.position = start;
    if (scanner.takeIdentifier() === undefined) scanner.position = start + 1;
  }
  return calls;
}

/** The calls of a text that holds nothing else but blanks and comments. @throws {ActionError} where it stops being one. */
export function parseCalls(text: string): RawCall[] {
  const scanner = new Scanner(expandTabs(text));
  const calls: RawCall[] = [];
  for (;;) {
    const call = takeCall(scanner);
    if (!call) break;
    calls.push(call);
  }
  scanner.skipBlanks();
  const { position, text: source } = scanner;
  if (calls.length > 0 && position === source.length) return calls;
  const lines = source.slice(0, position).split('\n');
  const found = /^\w+|^[^]/.exec(source.slice(position))?.[0] ?? 'end of text';
  const expected = calls.length > 0 ? 'end of text' : 'a call';
  throw new ActionError(
    'not-an-action',
    'ParseException',
    `Expected ${expected}, found '${found}'  (at char ${position}), (line:${lines.length}, col:${lines.at(-1)!.length + 1})`,
  );
}

function takeCall(scanner: Scanner): RawCall | undefined {
  const start = scanner.position;
  const name = scanner.takeIdentifier();
  if (name !== undefined && scanner.takeSymbol('(')) {
    const positional = scanner.takeList(() => scanner.takeLiteral()).map(item => item.value);
    const named = scanner.takeList(() => takeNamed(scanner));
    if (scanner.takeSymbol(')')) return { name, positional, named };
  }
  scanner.position = start;
  return undefined;
}

function takeNamed(scanner: Scanner): [string, Literal] | undefined {
  const name = scanner.takeIdentifier();
  if (name === undefined || !scanner.takeSymbol('=')) return undefined;
  const literal = scanner.takeLiteral();
  return literal && [name, literal.value];
}

/** Python's str.expandtabs(), which pyparsing applies before it looks. */
function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  let column = 0;
  let expanded = '';
  for (const char of text) {
    const piece = char === '\t' ? ' '.repeat(8 - (column % 8)) : char;
    column = char === '\n' || char === '\r' ? 0 : column + piece.length;
    expanded += piece;
  }
  return expanded;
}
