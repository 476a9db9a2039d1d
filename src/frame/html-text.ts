/** BrowserGym's prune_html(flatten_dom_to_str()): the page as indented HTML without what only holds other elements. */
import { filePath } from './images.ts';
import { HOVER_ATTRIBUTE } from './late-pictures.ts';
import type { TextOptions } from './protocol.ts';
import { strip } from './python.ts';
import { treat } from './text-options.ts';

/** Left out with all that is in them. */
const DROPPED = new Set(['style', 'link', 'script', 'br']);
/** Left out, but not what is in them: always, or when a bid is all that they have. */
const UNWRAPPED = new Set(['html', 'body']);
const STRUCTURAL = new Set(['div', 'span', 'i', 'p']);
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Their text stays as it is, on the line of their tag. */
const VERBATIM = new Set(['pre', 'textarea']);
/** Attributes that are lists: white space between the entries is one space. */
const LISTS = /^(class|rel|rev|accesskey|dropzone|headers|accept-charset)$/;
const OWN_ATTRIBUTES = new Set([
  'bid',
  'browsergym_visibility_ratio',
  'browsergym_set_of_marks',
  HOVER_ATTRIBUTE,
]);

/** Must follow markElements(). @see BrowserGym browsergym/utils/obs.py, flatten_dom_to_str and prune_html */
export function htmlText(options: TextOptions): string {
  const lines: string[] = [];
  print(pieces(document.documentElement, 0, options), 0, lines);
  return lines.length > 0 ? lines.join('\n') + '\n' : '';
}

/** What stands in an element's place: text of its own, or a tag with what is inside. */
type Piece = string | { element: Element; attributes: string; inside: Piece[] };

/** @param depth  of the element below the root. */
function pieces(element: Element, depth: number, options: TextOptions): Piece[] {
  const tag = element.localName;
  if (DROPPED.has(tag)) return [];
  const { filtered, extras, bid } = treat(element, options);
  const inside = contents(element, depth, filtered, options);
  if (filtered || UNWRAPPED.has(tag)) return inside;
  const attributes = attributesOf(element, bid, extras);
  if (STRUCTURAL.has(tag) && attributes.length === 1 && bid) return inside;
  return [{ element, attributes: attributes.map(each => ' ' + each).join(''), inside }];
}

/** @param mute  the element itself is not printed: its text goes, too. */
function contents(element: Element, depth: number, mute: boolean, options: TextOptions): Piece[] {
  const out: Piece[] = [];
  const verbatim = VERBATIM.has(element.localName);
  let texts = generated(element);
  let text = '';
  const flush = () => {
    if (verbatim) texts.push(text);
    else texts = [...texts, text].map(strip).filter(Boolean);
    // What BrowserGym's parser told apart was on lines of its own once, with a comment on the line between.
    const shown = texts.join('\n'.padEnd(depth + 2).repeat(2)).replaceAll('\n', ' ');
    if (shown !== '' && !mute) out.push(escaped(shown));
    texts = [];
    text = '';
  };
  for (const child of element.childNodes) {
    if (child instanceof Text) text += child.data;
    else if (child instanceof Element) {
      flush();
      out.push(...pieces(child, depth + 1, options));
    }
  }
  flush();
  return out;
}

/** The snapshot that BrowserGym reads has generated content as elements of such names, which its parser takes for text. */
function generated(element: Element): string[] {
  if (!element.checkVisibility()) return [];
  const out: string[] = [];
  const style = getComputedStyle(element);
  const marker = style.listStyleType !== 'none' || style.listStyleImage !== 'none';
  if (style.display === 'list-item' && marker) out.push('<::marker>');
  for (const which of ['::before', '::after'])
    if (!/^(none|normal)$/.test(getComputedStyle(element, which).content)) out.push(`<${which}>`);
  return out;
}

function attributesOf(element: Element, bid: string, extras: string[]): string[] {
  const out = [...element.attributes]
    .filter(({ name }) => !OWN_ATTRIBUTES.has(name))
    .map(({ name, value }): [string, string] => [name.toLowerCase(), value]);
  if (bid) out.push(['bid', bid]);
  for (const extra of extras) {
    const [name, value = ''] = extra.split('=');
    out.push([name!, value.replaceAll('"', '')]);
  }
  out.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return out.map(([name, value]) => `${name}=${quoted(LISTS.test(name) ? list(value) : withPaths(value))}`);
}

/** Files that came along as data: URLs, as a page one folder below the top writes their addresses. */
function withPaths(value: string): string {
  if (!value.includes(';path=')) return value;
  return value.replace(/data:[^"')\s]+/g, url => (filePath(url) === null ? url : `../${filePath(url)}`));
}

function list(value: string): string {
  return value.split(/\s+/).filter(Boolean).join(' ');
}

function quoted(value: string): string {
  const text = escaped(value.replaceAll('\n', ' '));
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? `"${text.replaceAll('"', '&quot;')}"` : `'${text}'`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function print(list: Piece[], depth: number, lines: string[]): void {
  const indent = ' '.repeat(depth);
  for (const piece of list) {
    if (typeof piece === 'string') {
      lines.push(indent + piece);
      continue;
    }
    const tag = piece.element.localName.toLowerCase();
    const open = `${indent}<${tag}${piece.attributes}`;
    if (VOID.has(tag)) lines.push(open + '/>');
    else if (VERBATIM.has(tag))
      lines.push(`${open}>${piece.inside.filter(each => typeof each === 'string').join('')}</${tag}>`);
    else {
      lines.push(open + '>');
      print(piece.inside, depth + 1, lines);
      lines.push(`${indent}</${tag}>`);
    }
  }
}
