/** Python's way of writing values, for text that has to equal BrowserGym's. */

/** repr() of a str: single quotes unless only those occur inside; unprintable characters escaped. */
export function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) out += escaped(character, quote);
  return out + quote;
}

/** repr() of a JSON value. Booleans and null have Python's names. */
export function repr(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return reprString(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${repr(key)}: ${repr(item)}`)
      .join(', ')}}`;
  return String(value);
}

/** Python's str.isprintable is false for these; the ASCII space is printable, other spaces are not. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return '\\' + character;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  if (character === ' ' || !UNPRINTABLE.test(character)) return character;
  const code = character.codePointAt(0)!.toString(16);
  if (code.length <= 2) return '\\x' + code.padStart(2, '0');
  return code.length <= 4 ? '\\u' + code.padStart(4, '0') : '\\U' + code.padStart(8, '0');
}

/** str.strip(): Python's white space, which leaves out the byte-order mark and takes the information separators. */
export function strip(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && isSpace(text[begin]!)) begin++;
  while (end > begin && isSpace(text[end - 1]!)) end--;
  return text.slice(begin, end);
}

function isSpace(character: string): boolean {
  return /[^\S\ufeff]/.test(character) || '\u001c\u001d\u001e\u001f\u0085'.includes(character);
}
