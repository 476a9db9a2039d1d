/** Chromium's role of an element, as its accessibility tree (CDP) names it. */

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
  li: 'listitem',
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
  if (explicit) return BY_ARIA[explicit] ?? explicit;
  const tag = element.localName;
  if (element instanceof SVGElement) return svgRole(element);
  if (tag === 'html') return 'none';
  if (tag === 'input') {
    const input = element as HTMLInputElement;
    if (input.list && BY_INPUT_TYPE[input.type] === undefined) return 'combobox';
    return BY_INPUT_TYPE[input.type] ?? 'textbox';
  }
  if (tag === 'a' || tag === 'area') return element.hasAttribute('href') ? 'link' : 'generic';
  if (tag === 'select') {
    const select = element as HTMLSelectElement;
    return select.multiple || select.size > 1 ? 'listbox' : 'combobox';
  }
  if (tag === 'th') return headerCellRole(element);
  if (tag === 'section') return hasLabel(element) ? 'region' : 'generic';
  if (tag === 'img' && element.getAttribute('alt') === '') return 'none';
  return BY_TAG[tag] ?? 'generic';
}

function svgRole(element: SVGElement): string {
  switch (element.localName) {
    case 'svg':
      return element.querySelector(
        'text, path, rect, circle, ellipse, line, polygon, polyline, image, use, a',
      )
        ? 'SvgRoot'
        : 'image';
    case 'g':
    case 'text':
    case 'tspan':
      return 'none';
    case 'a':
      return 'link';
    default:
      return 'graphics-symbol';
  }
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
