/** Setting a control's value outright: Playwright's fill and select_option. */
import { fireInputAndChange } from './controls.ts';
import { insertText, selectAllText, setValue } from './editing.ts';
import { isTextControl, setFocus } from './focus.ts';

/** Types whose value is set as a whole; the browser then accepts or empties it. */
const SET_TYPES = new Set(['color', 'date', 'time', 'datetime-local', 'month', 'range', 'week']);
const TEXT_TYPES = new Set(['', 'email', 'number', 'password', 'search', 'tel', 'text', 'url']);

/** Roles that have an editable state although they are no native control. */
const READONLY_ROLES = new Set(
  (
    'checkbox combobox grid gridcell listbox radiogroup slider spinbutton textbox columnheader rowheader searchbox switch ' +
    'treegrid'
  ).split(' '),
);

/** Why `value` can never be filled into the element, in Playwright's words; null when it can. */
export function fillProblem(element: Element, value: string): string | null {
  const editable = element instanceof HTMLElement && element.isContentEditable;
  const native = element.matches('input, textarea, select');
  if (!native && !editable && !READONLY_ROLES.has(element.getAttribute('role') ?? ''))
    return (
      'Element is not an <input>, <textarea>, <select> or [contenteditable] and does not have a role allowing ' +
      '[aria-readonly]'
    );
  if (element instanceof HTMLTextAreaElement || editable) return null;
  if (!(element instanceof HTMLInputElement))
    return 'Element is not an <input>, <textarea> or [contenteditable] element';
  const { type } = element;
  if (SET_TYPES.has(type)) return malformed(element, value) ? 'Malformed value' : null;
  if (!TEXT_TYPES.has(type)) return `Input of type "${type}" cannot be filled`;
  return type === 'number' && Number.isNaN(Number(value.trim()))
    ? 'Cannot type text into input[type=number]'
    : null;
}

/** Replaces the element's content, with the events that Playwright's fill causes. */
export function fillElement(element: Element, value: string, pressDelete: () => void): void {
  setFocus(element);
  if (element instanceof HTMLInputElement && SET_TYPES.has(element.type)) {
    setValue(element, normalized(element, value));
    fireInputAndChange(element);
    return;
  }
  const text = element instanceof HTMLInputElement && element.type === 'number' ? value.trim() : value;
  if (isTextControl(element)) selectAllText(element);
  else getSelection()?.selectAllChildren(element);
  // Playwright empties a field by a real press of Delete, which the page may prevent.
  if (text === '') pressDelete();
  else insertText(element, text);
}

/** The options that carry the wanted values or labels; null when one is missing. */
export function matchOptions(select: HTMLSelectElement, wanted: string[]): HTMLOptionElement[] | null {
  const matched = wanted.map(text =>
    [...select.options].find(
      option => option.value === text || option.label.replace(/\s+/g, ' ').trim() === text,
    ),
  );
  const found = matched.filter(option => option !== undefined);
  if (found.length < wanted.length) return null;
  return select.multiple ? found : found.slice(0, 1);
}

export function chooseOptions(select: HTMLSelectElement, chosen: HTMLOptionElement[]): void {
  if (chosen.length === 0) select.selectedIndex = -1;
  for (const option of select.options) if (select.multiple) option.selected = false;
  for (const option of chosen) option.selected = true;
  fireInputAndChange(select);
}

function normalized(input: HTMLInputElement, value: string): string {
  const trimmed = value.trim();
  return input.type === 'color' ? trimmed.toLowerCase() : trimmed;
}

function malformed(input: HTMLInputElement, value: string): boolean {
  const before = input.value;
  const wanted = normalized(input, value);
  setValue(input, wanted);
  const taken = input.value;
  setValue(input, before);
  return taken !== wanted;
}
