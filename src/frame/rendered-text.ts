/** Text as layout shows it: white space collapsed, text-transform applied. */

/** @returns the text of a text node; null when it makes no box. */
export function renderedText(node: Text, style: CSSStyleDeclaration): string | null {
  const raw = node.data;
  if (raw === '') return null;
  if (!/\S/.test(raw) && !hasBox(node)) return null;
  return transformed(collapsed(raw, style.whiteSpaceCollapse || style.whiteSpace), style.textTransform);
}

const measure = document.createRange();

function hasBox(node: Text): boolean {
  measure.selectNodeContents(node);
  for (const rect of measure.getClientRects()) if (rect.width > 0) return true;
  return false;
}

function collapsed(text: string, whiteSpace: string): string {
  if (whiteSpace.startsWith('preserve-breaks') || whiteSpace === 'pre-line')
    return text.replace(/[ \t]+/g, ' ');
  if (whiteSpace.startsWith('pre') || whiteSpace === 'break-spaces') return text;
  return text.replace(/[ \t\n\r\f]+/g, ' ');
}

function transformed(text: string, transform: string): string {
  if (transform === 'uppercase') return text.toUpperCase();
  if (transform === 'lowercase') return text.toLowerCase();
  if (transform === 'capitalize') return text.replace(/(^|\s)(\p{L})/gu, match => match.toUpperCase());
  return text;
}

/** The string of a ::before or ::after that holds text, null otherwise. */
export function pseudoText(element: Element, which: '::before' | '::after'): string | null {
  const { content } = getComputedStyle(element, which);
  if (!content.startsWith('"')) return null;
  const text = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(match => match[1]!.replace(/\\(.)/g, '$1'))
    .join('');
  return text === '' ? null : text;
}
