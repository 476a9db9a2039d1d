/** What a press of the mouse does to sliders and list boxes, and keys to selects, which browsers do only for real events. */
import type { Modifiers } from './pointer.ts';

let changed: Element | null = null;

/** Default of mousedown on a list box's option or a slider. */
export function pressOnControl(target: Element, x: number, y: number, modifiers: Modifiers): void {
  changed = null;
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
