/** Value and properties of a node of the accessibility tree, in the order in which CDP lists them. */
import { isMenuOpen } from './controls.ts';
import { focusedElement, hasDateFields } from './focus.ts';

export type Property = [name: string, value: string | number | boolean];

/** Properties that BrowserGym prints. Those it never prints (editable, level, settable, ...) are not computed. */
export function propertiesOf(element: Element, role: string): Property[] {
  const out: Property[] = [];
  const add = (name: string, value: string | number | boolean | null | undefined) => {
    if (value !== null && value !== undefined) out.push([name, value]);
  };
  liveRegion(element, role, add);
  if (isDisabled(element, role)) add('disabled', true);
  if (element === focusedElement() && !(element instanceof HTMLInputElement && hasDateFields(element)))
    add('focused', true);
  widget(element, role, add);
  states(element, role, add);
  for (const [attribute, name] of RELATIONS) add(name, relation(element, attribute));
  return out;
}

type Add = (name: string, value: string | number | boolean | null | undefined) => void;

const RELATIONS = [
  ['aria-controls', 'controls'],
  ['aria-describedby', 'describedby'],
  ['aria-owns', 'owns'],
] as const;

function liveRegion(element: Element, role: string, add: Add): void {
  const implied = { status: 'polite', alert: 'assertive', log: 'polite', timer: 'off', marquee: 'off' }[role];
  const live = element.getAttribute('aria-live') ?? implied;
  if (!live || live === 'off') return;
  add('live', live);
  const atomic = element.getAttribute('aria-atomic');
  add('atomic', atomic ? atomic === 'true' : role === 'status' || role === 'alert');
  add('relevant', element.getAttribute('aria-relevant') ?? 'additions text');
}

function widget(element: Element, role: string, add: Add): void {
  add('autocomplete', nonEmpty(element.getAttribute('aria-autocomplete')));
  const popup = element.getAttribute('aria-haspopup');
  if (popup && popup !== 'false') add('hasPopup', popup === 'true' ? 'menu' : popup);
  else if (element instanceof HTMLSelectElement && role === 'combobox') add('hasPopup', 'menu');
  if (role === 'listbox' || role === 'tablist' || role === 'tree' || role === 'grid') {
    const native = element instanceof HTMLSelectElement && element.multiple;
    add('multiselectable', native || element.getAttribute('aria-multiselectable') === 'true');
  }
  add('orientation', orientation(element, role));
  const field = element.matches('input, select, textarea') || FIELD_ROLES.has(role);
  if (field && (element.matches(':required') || element.getAttribute('aria-required') === 'true'))
    add('required', true);
  range(element, role, add);
}

const FIELD_ROLES = new Set([
  'textbox',
  'combobox',
  'listbox',
  'spinbutton',
  'checkbox',
  'radiogroup',
  'searchbox',
]);

function orientation(element: Element, role: string): string | null {
  const explicit = nonEmpty(element.getAttribute('aria-orientation'));
  if (explicit) return explicit;
  if (role === 'tablist' || role === 'slider' || role === 'toolbar' || role === 'menubar')
    return 'horizontal';
  return role === 'listbox' || role === 'menu' || role === 'tree' || role === 'scrollbar' ? 'vertical' : null;
}

/** Roles of which ARIA 1.2 lets aria-expanded be said; of others, such as menu, Chromium does not tell it. */
const EXPANDABLE = new Set(
  (
    'application button checkbox columnheader combobox gridcell link listbox menuitem menuitemcheckbox menuitemradio row ' +
    'rowheader switch tab treeitem'
  ).split(' '),
);
const RANGES = new Set(['spinbutton', 'slider', 'progressbar', 'meter', 'scrollbar']);

function range(element: Element, role: string, add: Add): void {
  if (!RANGES.has(role)) return;
  const slider = element instanceof HTMLInputElement && element.type === 'range';
  const bound = (native: string, aria: string, fallback: number) =>
    Number(element.getAttribute(native) ?? element.getAttribute(aria) ?? fallback) || 0;
  add('valuemin', bound('min', 'aria-valuemin', 0));
  add('valuemax', bound('max', 'aria-valuemax', slider || role === 'progressbar' ? 100 : 0));
  const text = element instanceof HTMLInputElement && !slider ? element.value : '';
  add('valuetext', element.getAttribute('aria-valuetext') ?? text);
}

function states(element: Element, role: string, add: Add): void {
  add('checked', checkedState(element, role));
  const pressed = element.getAttribute('aria-pressed');
  if (pressed && role === 'button') add('pressed', pressed);
  const expanded = element.getAttribute('aria-expanded');
  if (EXPANDABLE.has(role) && (expanded === 'true' || expanded === 'false'))
    add('expanded', expanded === 'true');
  else if (element instanceof HTMLSelectElement && role === 'combobox') add('expanded', isMenuOpen(element));
  else if (element.localName === 'summary')
    add('expanded', (element.parentElement as HTMLDetailsElement).open);
  const selected = element.getAttribute('aria-selected');
  if (element instanceof HTMLOptionElement) add('selected', element.selected);
  else if (SELECTABLE.has(role) && (selected === 'true' || selected === 'false'))
    add('selected', selected === 'true');
  if (role === 'dialog' || role === 'alertdialog')
    add('modal', element.getAttribute('aria-modal') === 'true');
}

const SELECTABLE = new Set([
  'tab',
  'option',
  'row',
  'gridcell',
  'treeitem',
  'cell',
  'columnheader',
  'rowheader',
]);
const CHECKABLE = new Set(['checkbox', 'radio', 'switch', 'menuitemcheckbox', 'menuitemradio']);

function checkedState(element: Element, role: string): string | null {
  if (!CHECKABLE.has(role)) return null;
  if (element instanceof HTMLInputElement) return element.indeterminate ? 'mixed' : String(element.checked);
  return element.getAttribute('aria-checked') ?? 'false';
}

/** aria-disabled holds for what is inside, too, but says nothing on an element without a role. */
function isDisabled(element: Element, role: string): boolean {
  if (element.matches(':disabled')) return true;
  return role !== 'generic' && element.closest('[aria-disabled]')?.getAttribute('aria-disabled') === 'true';
}

/** A relation counts only towards elements that are in the tree; its value is their ids. */
function relation(element: Element, attribute: string): string | null {
  const ids = element.getAttribute(attribute)?.trim();
  if (!ids) return null;
  const there = ids
    .split(/\s+/)
    .filter(id => (document.getElementById(id)?.getClientRects().length ?? 0) > 0);
  return there.length > 0 ? there.join(' ') : null;
}

/** The AX value: a control's text (bullets for a password), a range's number; null when there is none. */
export function valueOf(element: Element, role: string): string | number | null {
  if (element instanceof HTMLSelectElement)
    return role === 'combobox' ? nonEmpty(element.selectedOptions[0]?.label ?? '') : null;
  if (element instanceof HTMLTextAreaElement) return nonEmpty(element.value);
  if (element instanceof HTMLInputElement) {
    // What ARIA says goes before what the field holds (Chromium 156).
    const said = RANGES.has(role) ? element.getAttribute('aria-valuenow') : null;
    if (said !== null) return Number(said);
    if (RANGES.has(role)) return element.value === '' ? null : Number(element.value);
    if (element.type === 'password') return nonEmpty('•'.repeat(element.value.length));
    const silent = ['checkbox', 'radio', 'button', 'submit', 'reset', 'image', 'hidden'];
    return silent.includes(element.type) ? null : nonEmpty(element.value);
  }
  if (RANGES.has(role)) {
    const now = element.getAttribute('aria-valuenow') ?? element.getAttribute('value');
    return now === null ? null : Number(now);
  }
  if (
    element instanceof HTMLElement &&
    element.isContentEditable &&
    !element.parentElement?.isContentEditable
  )
    return nonEmpty(element.innerText);
  return null;
}

function nonEmpty(text: string | null): string | null {
  return text === null || text === '' ? null : text;
}
