/** What a press of the mouse does to sliders and list boxes, and keys to selects, which browsers do only for real events. */
import type { Modifiers } from './pointer.ts';

let changed: Element | null = null;
let opened: HTMLSelectElement | null = null;

/** Whether the select's menu is open. */
export function isMenuOpen(select: Element): boolean {
  return opened === select && isMenu(select);
}

/** A press of the mouse anywhere else, or a key that chooses, closes the menu. */
export function closeMenu(): void {
  opened = null;
}

export function openMenu(select: HTMLSelectElement): void {
  opened = select;
}

export function isMenu(element: Element): element is HTMLSelectElement {
  return element instanceof HTMLSelectElement && !element.multiple && element.size <= 1;
}

/** Default of mousedown on a list box's option or a slider. */
export function pressOnControl(target: Element, x: number, y: number, modifiers: Modifiers): void {
  changed = null;
  if (isMenu(target)) {
    openMenu(target);
    return;
  }
  if (target instanceof HTMLInputElement && target.type === 'range') {
    slideTo(target, x);
    return;
  }
  if (target instanceof HTMLInputElement && target.type === 'number') {
    stepBySpinButton(target, x, y);
    return;
  }
  const option = target.closest('option');
  const select = option?.closest('select');
  if (!option || !select || option.disabled || !(select.multiple || select.size > 1)) return;
  const before = [...select.options].map(other => other.selected);
  if (modifiers.ctrlKey && select.multiple) option.selected = !option.selected;
  else for (const other of select.options) other.selected = other === option;
  if ([...select.options].some((other, i) => other.selected !== before[i])) changed = select;
}

/** CSS pixels of a number field's two arrows, at the end of its content. */
const SPIN_BUTTON = 15;

function stepBySpinButton(field: HTMLInputElement, x: number, y: number): void {
  if (field.readOnly || field.disabled) return;
  const rect = field.getBoundingClientRect();
  const style = getComputedStyle(field);
  const end = rect.right - Number.parseFloat(style.borderRightWidth) - Number.parseFloat(style.paddingRight);
  if (x > end || x < end - SPIN_BUTTON) return;
  const before = field.value;
  if (y < (rect.top + rect.bottom) / 2) field.stepUp();
  else field.stepDown();
  if (field.value === before) return;
  field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  changed = field;
}

/** Default of mouseup: a list box or slider tells of its change when the button comes up. */
export function releaseOnControl(): void {
  const control = changed;
  changed = null;
  if (control) fireInputAndChange(control, control instanceof HTMLSelectElement);
}

export function fireInputAndChange(control: Element, input = true): void {
  if (input) control.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Arrow keys on a select, a slider, a number field or a radio. @returns whether the key meant something to it. */
export function keyOnControl(target: Element, key: string): boolean {
  const forward = key === 'ArrowDown' || key === 'ArrowRight';
  const backward = key === 'ArrowUp' || key === 'ArrowLeft';
  if (target instanceof HTMLSelectElement) return keyOnSelect(target, key);
  if (!(target instanceof HTMLInputElement)) return false;
  if (target.type === 'range') return keyOnSlider(target, key);
  if (target.type === 'number' && (key === 'ArrowUp' || key === 'ArrowDown') && !target.readOnly) {
    if (key === 'ArrowUp') target.stepUp();
    else target.stepDown();
    fireInputAndChange(target);
    return true;
  }
  if (target.type === 'radio' && (forward || backward)) {
    const group = [...document.querySelectorAll<HTMLInputElement>('input[type=radio]')].filter(
      radio => radio.name === target.name && radio.form === target.form && !radio.disabled,
    );
    const next = group[(group.indexOf(target) + (forward ? 1 : group.length - 1)) % group.length];
    next?.focus();
    next?.click();
    return true;
  }
  return false;
}

function keyOnSelect(select: HTMLSelectElement, key: string): boolean {
  const last = select.options.length - 1;
  const to = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -last, End: last }[key];
  if (to === undefined) return false;
  const at = Math.max(0, Math.min(last, Math.max(0, select.selectedIndex) + to));
  if (at !== select.selectedIndex) {
    select.selectedIndex = at;
    fireInputAndChange(select);
  }
  return true;
}

/** Control+A in a list box. */
export function selectAllOptions(list: HTMLSelectElement): void {
  const options = [...list.options].filter(option => !option.disabled);
  if (options.every(option => option.selected)) return;
  for (const option of options) option.selected = true;
  fireInputAndChange(list);
}

/** Characters typed on a select within this many virtual ms are one search. */
const SEARCH_MS = 1000;
let search: { select: Element | null; text: string; at: number } = { select: null, text: '', at: 0 };

/** What is typed on a select chooses the next option that begins with it; one character again and again goes through them. */
export function typeOnSelect(select: HTMLSelectElement, character: string): void {
  const now = performance.now();
  const goesOn = search.select === select && now - search.at <= SEARCH_MS;
  search = { select, text: (goesOn ? search.text : '') + character.toLowerCase(), at: now };
  const repeated = [...search.text].every(each => each === search.text[0]);
  const prefix = repeated ? search.text[0]! : search.text;
  const from = Math.max(0, select.selectedIndex) + (repeated ? 1 : 0);
  const order = [...select.options].map((_, i, all) => all[(from + i) % all.length]!);
  const next = order.find(option => !option.disabled && option.label.trim().toLowerCase().startsWith(prefix));
  if (!next || next.selected) return;
  select.selectedIndex = next.index;
  fireInputAndChange(select);
}

function keyOnSlider(slider: HTMLInputElement, key: string): boolean {
  const step = Number(slider.step) || 1;
  const [min, max] = [Number(slider.min || 0), Number(slider.max || 100)];
  const big = Math.max(step, (max - min) / 10);
  const by = {
    ArrowUp: step,
    ArrowRight: step,
    ArrowDown: -step,
    ArrowLeft: -step,
    PageUp: big,
    PageDown: -big,
  }[key];
  const to = key === 'Home' ? min : key === 'End' ? max : by === undefined ? null : Number(slider.value) + by;
  if (to === null) return false;
  const before = slider.value;
  slider.value = String(to);
  if (slider.value !== before) fireInputAndChange(slider);
  return true;
}

function slideTo(slider: HTMLInputElement, x: number): void {
  const rect = slider.getBoundingClientRect();
  const thumb = 16;
  const share = Math.max(0, Math.min(1, (x - rect.left - thumb / 2) / Math.max(1, rect.width - thumb)));
  const [min, max] = [Number(slider.min || 0), Number(slider.max || 100)];
  const before = slider.value;
  slider.value = String(min + share * (max - min));
  if (slider.value === before) return;
  slider.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  changed = slider;
}
