/** The action space in words, for the system prompt. */
import { actionSet, type ActionFunction, type ActionSetName } from './functions.ts';
import type { Literal } from './literals.ts';

/** One line a function: signature, what it does, an example. The order and the names are BrowserGym's. */
export function describeActionSet(name: ActionSetName): string {
  return actionSet(name)
    .map(action => `${signature(action)}: ${action.summary} Example: ${action.example}`)
    .join('\n');
}

function signature(action: ActionFunction): string {
  const parameters = action.parameters.map(p =>
    p.default === undefined ? p.name : `${p.name}=${pythonRepr(p.default)}`,
  );
  return `${action.name}(${parameters.join(', ')})`;
}

/** Python's repr() of a literal. */
export function pythonRepr(value: Literal): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return reprString(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${reprString(key)}: ${pythonRepr(item)}`)
    .join(', ')}}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

/** Double quotes only when the text holds single ones and no double ones; what cannot be printed is escaped. */
function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|['"]/gu, char => {
    if (char === '"' || char === "'") return char === quote ? `\\${char}` : char;
    if (SHORT_ESCAPES[char]) return SHORT_ESCAPES[char];
    const code = char.codePointAt(0)!;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return quote + body + quote;
}
