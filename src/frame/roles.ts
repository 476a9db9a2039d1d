/** Chromium's role of an element, as its accessibility tree (CDP) names it. */
import { isFocusable } from './focus.ts';
import { isClickable } from './listeners.ts';

/** Elements whose role depends on nothing but the tag. Everything else that is rendered is `generic`. */
const BY_TAG: Readonly<Record<string, string>> = {
  abbr: 'Abbr',
  article: 'article',
  aside: 'complementary',
  audio: 'Audio',
  blockquote: 'blockquote',
  br: 'LineBreak',
  button: 'button',
  canvas: 'Canvas',
  caption: 'caption',
  code: 'code',
  dd: 'definition',
  del: 'deletion',
  details: 'Details',
  dialog: 'dialog',
  dl: 'DescriptionList',
  dt: 'term',
  em: 'emphasis',
  fieldset: 'group',
  figcaption: 'Figcaption',
  figure: 'figure',
  footer: 'contentinfo',
  form: 'form',
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  header: 'banner',
  hr: 'separator',
  iframe: 'Iframe',
  img: 'image',
  ins: 'insertion',
  label: 'LabelText',
  legend: 'Legend',
  main: 'main',
  mark: 'mark',
  menu: 'list',
  meter: 'meter',
  nav: 'navigation',
  ol: 'list',
  optgroup: 'group',
  option: 'option',
  output: 'status',
  p: 'paragraph',
  progress: 'progressbar',
  search: 'search',
  strong: 'strong',
  sub: 'subscript',
  summary: 'DisclosureTriangle',
  sup: 'superscript',
  table: 'table',
  tbody: 'rowgroup',
  td: 'cell',
  textarea: 'textbox',
  tfoot: 'rowgroup',
  thead: 'rowgroup',
  time: 'time',
  tr: 'row',
  ul: 'list',
  video: 'Video',
};

const BY_INPUT_TYPE: Readonly<Record<string, string>> = {
  button: 'button',
  checkbox: 'checkbox',
  color: 'ColorWell',
  date: 'Date',
  'datetime-local': 'DateTime',
  file: 'button',
  image: 'button',
  month: 'Date',
  number: 'spinbutton',
  radio: 'radio',
  range: 'slider',
  reset: 'button',
  search: 'searchbox',
  submit: 'button',
  time: 'InputTime',
  week: 'Date',
};

/** ARIA roles that Chromium knows under another name. */
const BY_ARIA: Readonly<Record<string, string>> = { img: 'image', directory: 'list', presentation: 'none' };

/** @returns the role; `none` for an element that the tree leaves out while keeping its children. */
export function roleOf(element: Element): string {
  const explicit = element.getAttribute('role')?.trim().split(/\s+/)[0];
  // What can be focused is never merely presentational.
  const presentational = explicit === 'presentation' || explicit === 'none';
  if (explicit && !(presentational && isFocusable(element))) return BY_ARIA[explicit] ?? explicit;
  const tag = element.localName;
  if (element instanceof SVGElement) return svgRole(element);
  if (tag === 'html') return 'none';
  if (tag === 'input') {
    const input = element as HTMLInputElement;
    if (input.list && BY_INPUT_TYPE[input.type] === undefined) return 'combobox';
    return BY_INPUT_TYPE[input.type] ?? 'textbox';
  }
  // Chromium takes an anchor that listens for clicks for a link, too.
  if (tag === 'a' || tag === 'area')
    return element.hasAttribute('href') || isClickable(element) ? 'link' : 'generic';
  if (tag === 'li') return isListItem(element) ? 'listitem' : 'generic';
  if (tag === 'select') {
    const select = element as HTMLSelectElement;
    return select.multiple || select.size > 1 ? 'listbox' : 'combobox';
  }
  if (tag === 'th') return headerCellRole(element);
  if (tag === 'section') return hasLabel(element) ? 'region' : 'generic';
  if (tag === 'img' && element.getAttribute('alt') === '') return 'none';
  return BY_TAG[tag] ?? 'generic';
}

/** Shapes are in the tree only when they listen to the mouse; a drawing without such shapes or text is one image. */
function svgRole(element: SVGElement): string {
  switch (element.localName) {
    case 'svg':
      return [...element.querySelectorAll('*')].some(isSvgContent) ? 'SvgRoot' : 'image';
    case 'a':
      return 'link';
    default:
      return isSvgShape(element) && isClickable(element) ? 'graphics-symbol' : 'none';
  }
}

function isSvgContent(element: Element): boolean {
  if (element.localName === 'text') return (element.textContent ?? '').trim() !== '';
  return element instanceof SVGElement && isSvgShape(element) && isClickable(element);
}

function isSvgShape(element: SVGElement): boolean {
  return /^(path|rect|circle|ellipse|line|polygon|polyline|image|use)$/.test(element.localName);
}

/** A list that ARIA made into something else, such as a menu, has no list items. */
function isListItem(item: Element): boolean {
  const role = item.parentElement?.getAttribute('role');
  return !role || role === 'list';
}

function headerCellRole(cell: Element): string {
  const scope = cell.getAttribute('scope');
  if (scope === 'row' || scope === 'rowgroup') return 'rowheader';
  if (scope === 'col' || scope === 'colgroup') return 'columnheader';
  const inHead = cell.closest('thead, tbody, tfoot, table')?.localName === 'thead';
  const alone = ![...(cell.parentElement?.children ?? [])].some(sibling => sibling.localName === 'td');
  return inHead || alone ? 'columnheader' : 'rowheader';
}

function hasLabel(element: Element): boolean {
  return (
    element.hasAttribute('aria-label') ||
    element.hasAttribute('aria-labelledby') ||
    element.hasAttribute('title')
  );
}
