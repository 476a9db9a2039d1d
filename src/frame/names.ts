/** Accessible names as Chromium computes them, for the roles that task pages have. */
import { isEditable } from './editing.ts';
import { focusedElement } from './focus.ts';
import { pseudoText, renderedText } from './rendered-text.ts';
import { roleOf } from './roles.ts';

/** Roles that are named by what they contain. */
const NAMED_BY_CONTENT = new Set(
  (
    'button cell checkbox columnheader heading link menuitem menuitemcheckbox menuitemradio option radio ' +
    'rowheader switch tab tooltip treeitem DisclosureTriangle'
  ).split(' '),
);

/** Roles that an author cannot name: their title is a description. @see WAI-ARIA 1.2, Roles which cannot be named */
const NAMELESS = new Set(
  'generic paragraph caption code definition deletion emphasis insertion mark none strong subscript superscript term time'.split(
    ' ',
  ),
);

/** Chromium looks at so many nodes, the named one among them, and lets the rest of a name go. */
const MOST_NODES = 101;
let visited = 0;

/** The name of an element of role `role`, untrimmed; '' when it has none. */
export function nameOf(element: Element, role: string): string {
  return (
    labelledBy(element) ??
    ariaLabel(element) ??
    nativeName(element) ??
    contentName(element, role) ??
    (NAMELESS.has(role) ? '' : lastResort(element))
  );
}

function labelledBy(element: Element): string | null {
  const ids = element.getAttribute('aria-labelledby')?.trim();
  if (!ids) return null;
  visited = 1;
  const labels = ids.split(/\s+/).flatMap(id => document.getElementById(id) ?? []);
  const text = labels.map(label => ariaLabel(label) ?? textOf(label).trim()).join(' ');
  return text.trim() === '' ? null : text;
}

function ariaLabel(element: Element): string | null {
  const label = element.getAttribute('aria-label');
  return label && label.trim() !== '' ? label : null;
}

function nativeName(element: Element): string | null {
  if (element instanceof HTMLInputElement && ['submit', 'reset', 'button', 'image'].includes(element.type)) {
    const labels = labelsText(element);
    if (labels) return labels;
    if (element.type === 'image')
      return element.getAttribute('alt') ?? element.getAttribute('title') ?? 'Submit';
    if (element.hasAttribute('value') || element.value) return element.value;
    return element.type === 'submit' ? 'Submit' : element.type === 'reset' ? 'Reset' : null;
  }
  if (element instanceof HTMLElement && 'labels' in element) {
    const labels = labelsText(element as HTMLInputElement);
    if (labels) return labels;
  }
  if (element instanceof HTMLImageElement) return nonEmpty(element.getAttribute('alt'));
  if (element instanceof HTMLFieldSetElement) return childText(element, 'legend');
  if (element instanceof HTMLTableElement) return childText(element, 'caption');
  if (element instanceof HTMLOptGroupElement) return element.label;
  if (element instanceof HTMLOptionElement) return element.label;
  if (element.localName === 'svg') return childText(element, 'title');
  return null;
}

/** Text of the labels of a control, without the control's own content. */
function labelsText(control: HTMLInputElement | HTMLButtonElement | HTMLSelectElement): string | null {
  if (!control.labels || control.labels.length === 0) return null;
  visited = 1;
  return nonEmpty([...control.labels].map(label => textOf(label, control).trim()).join(' '));
}

function contentName(element: Element, role: string): string | null {
  // What has focus and no role of its own is read out with what it holds.
  const named =
    NAMED_BY_CONTENT.has(role) ||
    (role === 'generic' && element === focusedElement() && !isEditable(element));
  // A no-break space is a name, though not one that is seen.
  visited = 1;
  return named ? textOf(element).replace(/^[ \t\n\r\f]+$/, '') || null : null;
}

function lastResort(element: Element): string {
  const title = element.getAttribute('title');
  if (title) return title;
  const placeholder = element.getAttribute('placeholder') ?? element.getAttribute('aria-placeholder');
  return element.matches('input, textarea, [contenteditable]') ? (placeholder ?? '') : '';
}

/** What an element contributes to a name that contains it: text, names of images, values of embedded controls. */
export function textOf(root: Element, except?: Element): string {
  let out = '';
  const style = getComputedStyle(root);
  const before = pseudoText(root, '::before');
  if (before) out += before;
  for (const node of root.childNodes) {
    if (visited > MOST_NODES) break;
    if (node instanceof Text) out += textNode(node, style);
    else if (node instanceof Element && node !== except) out = joined(out, node);
  }
  return out + (pseudoText(root, '::after') ?? '');
}

function textNode(node: Text, style: CSSStyleDeclaration): string {
  const text = renderedText(node, style);
  if (text !== null) visited++;
  return text ?? '';
}

function joined(before: string, element: Element): string {
  if (element.getAttribute('aria-hidden') === 'true') return before;
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility !== 'visible') return before;
  visited++;
  if (element.localName === 'br') return before + ' ';
  const text = embeddedText(element);
  const apart = !style.display.startsWith('inline') && style.display !== 'contents';
  if (!apart) return before + text;
  const gap = (edge: string) => (edge === '' || /\s$/.test(edge) ? edge : edge + ' ');
  return text === '' ? before : gap(gap(before) + text);
}

function embeddedText(element: Element): string {
  const label = ariaLabel(element);
  if (label) return label;
  if (element instanceof HTMLImageElement) return element.alt;
  if (element instanceof HTMLTextAreaElement) return element.value;
  if (element instanceof HTMLSelectElement) return element.selectedOptions[0]?.label ?? '';
  if (element instanceof HTMLInputElement) {
    const role = roleOf(element);
    if (role === 'button') return nameOf(element, role);
    return role === 'checkbox' || role === 'radio' ? '' : element.value;
  }
  return textOf(element);
}

function childText(element: Element, tag: string): string | null {
  const child = [...element.children].find(node => node.localName === tag);
  return child ? nonEmpty(child.textContent ?? '') : null;
}

function nonEmpty(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}
