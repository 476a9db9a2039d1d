/** Playwright's call log: how an element is shown in it, and how repeated lines are folded. */

const VOID_TAGS = new Set(
  'area base br col embed frame hr img input link meta param source track wbr'.split(' '),
);
const BOOLEAN_ATTRIBUTES = new Set('checked selected disabled readonly multiple'.split(' '));
const MAX_ATTRIBUTES = 500;
const MAX_TEXT = 50;

/** `<button bid="13" id="subbtn">Click Me!</button>`: attributes by length, long text cut. */
export function preview(element: Element): string {
  const attributes = [...element.attributes]
    .filter(({ name }) => name !== 'style')
    .map(({ name, value }) =>
      value === '' && BOOLEAN_ATTRIBUTES.has(name) ? ` ${name}` : ` ${name}="${value}"`,
    )
    .sort((a, b) => a.length - b.length);
  const open = element.localName + cut(attributes.join(''), MAX_ATTRIBUTES);
  if (VOID_TAGS.has(element.localName)) return oneLine(`<${open}/>`);
  const { childNodes } = element;
  const onlyText = childNodes.length <= 5 && [...childNodes].every(node => node.nodeType === Node.TEXT_NODE);
  const text = onlyText ? (element.textContent ?? '') : childNodes.length > 0 ? '…' : '';
  return oneLine(`<${open}>${cut(text, MAX_TEXT)}</${element.localName}>`);
}

/**
 * The log as Playwright prints it below an error: two spaces and a dash a line, a run that repeats at once written once with
 * its count. Of several ways to fold at a line, the one that covers most lines is taken.
 */
export function formatCallLog(log: readonly string[]): string {
  const out: string[] = [];
  for (let at = 0; at < log.length;) {
    const { length, count } = longestRepeat(log, at);
    for (let i = 0; i < length; i++) {
      const text = log[at + i]!;
      const indent = '  ' + /^\s*/.exec(text)![0];
      const mark = count === 1 ? '- ' : i === 0 ? `${count} × ` : '  - ';
      out.push(indent + mark + text.trim());
    }
    at += length * count;
  }
  return out.map(line => line + '\n').join('');
}

function longestRepeat(log: readonly string[], at: number): { length: number; count: number } {
  let best = { length: 1, count: 1 };
  for (let length = 1; at + 2 * length <= log.length; length++) {
    let count = 1;
    while (repeats(log, at, length, count)) count++;
    if (count > 1 && count * length > best.count * best.length) best = { length, count };
  }
  return best;
}

function repeats(log: readonly string[], at: number, length: number, count: number): boolean {
  const next = at + count * length;
  if (next + length > log.length) return false;
  for (let i = 0; i < length; i++) if (log[at + i] !== log[next + i]) return false;
  return true;
}

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length > most ? characters.slice(0, most - 1).join('') + '…' : text;
}

function oneLine(text: string): string {
  return text.replace(/\n/g, '↵').replace(/\t/g, '⇆');
}
