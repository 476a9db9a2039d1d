/** Text as layout shows it: white space collapsed, text-transform applied. */

/** @returns the text of a text node; null when it makes no box of its own in the accessibility tree. */
export function renderedText(node: Text, style: CSSStyleDeclaration): string | null {
  const raw = node.data;
  if (raw === '') return null;
  const whiteSpace = style.whiteSpaceCollapse || style.whiteSpace;
  if (!/[^ \t\n\r\f]/.test(raw) && !whiteSpace.startsWith('pre') && !separatesWords(node)) return null;
  return transformed(collapsed(raw, whiteSpace), style.textTransform);
}

/**
 * Whether white space between two neighbours is text: Chromium keeps it only where a reader would otherwise run words
 * together, which is between inline text and images, not beside blocks, controls or other white space.
 */
function separatesWords(node: Text): boolean {
  return (
    !standsApart(neighbour(node, 'previousSibling'), false) &&
    !standsApart(neighbour(node, 'nextSibling'), true)
  );
}

function neighbour(node: Node, side: 'previousSibling' | 'nextSibling'): Node | null {
  let at = node[side];
  while (at && !(at instanceof Text && at.data !== '') && !(at instanceof Element && isBoxed(at)))
    at = at[side];
  return at;
}

function isBoxed(element: Element): boolean {
  return getComputedStyle(element).display !== 'none';
}

/** Whether `node`, on one side of white space, is told apart from the other side without it. */
function standsApart(node: Node | null, after: boolean, depth = 0): boolean {
  if (!node) return true;
  if (depth > 3) return false;
  // What follows loses its own white space to the one before it.
  if (node instanceof Text) return (after ? /^[ \t\n\r\f]+$/ : /[ \t\n\r\f]$/).test(node.data);
  if (!(node instanceof Element) || node.localName === 'br') return true;
  const style = getComputedStyle(node);
  const outOfFlow = style.float !== 'none' || /absolute|fixed/.test(style.position);
  // A space after what floats is not laid out; one before a picture is kept even where that floats.
  if (outOfFlow && !after) return true;
  if (node.localName === 'img' || style.content.startsWith('url(')) return false;
  if (outOfFlow) return true;
  if (
    style.display !== 'inline' ||
    node.matches('input, textarea, select, button, canvas, svg, iframe, video')
  )
    return true;
  const pseudo = pseudoText(node, after ? '::before' : '::after');
  if (pseudo !== null) return (after ? /^\s/ : /\s$/).test(pseudo);
  const child = after ? firstBoxed(node) : lastBoxed(node);
  if (!child && pseudoText(node, after ? '::after' : '::before') !== null) return false;
  if (!child)
    return standsApart(neighbour(node, after ? 'nextSibling' : 'previousSibling'), after, depth + 1);
  return standsApart(child, after, depth + 1);
}

function firstBoxed(element: Element): Node | null {
  return (
    element.firstChild &&
    (isContent(element.firstChild) ? element.firstChild : neighbour(element.firstChild, 'nextSibling'))
  );
}

function lastBoxed(element: Element): Node | null {
  return (
    element.lastChild &&
    (isContent(element.lastChild) ? element.lastChild : neighbour(element.lastChild, 'previousSibling'))
  );
}

function isContent(node: Node): boolean {
  return (node instanceof Text && node.data !== '') || (node instanceof Element && isBoxed(node));
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

/** How many pictures a ::before or ::after holds: each is a node of its own. */
export function pseudoImages(element: Element, which: '::before' | '::after'): number {
  const { content } = getComputedStyle(element, which);
  return content.includes('url(') ? [...content.matchAll(/url\(/g)].length : 0;
}

/** The string of a ::before or ::after that holds text, null otherwise. */
export function pseudoText(element: Element, which: '::before' | '::after'): string | null {
  const { content, display, whiteSpaceCollapse } = getComputedStyle(element, which);
  if (!content.startsWith('"')) return null;
  const text = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(match => match[1]!.replace(/\\(.)/g, '$1'))
    .join('');
  // White space alone in a box of its own collapses to nothing.
  const collapses = display !== 'inline' && whiteSpaceCollapse !== 'preserve' && !/[^ \t\n\r\f]/.test(text);
  return collapses ? null : text;
}
