/**
 * Focus without the browser's focus: several frames and the page around them would fight over it, and a browser fires focus
 * events only in a page that has it. The frame keeps its own focused element and fires the events itself.
 */
import { isRendered } from './geometry.ts';
import { setNavigationStart } from './navigation-start.ts';

const nativeActive = Object.getOwnPropertyDescriptor(Document.prototype, 'activeElement')!.get!;
let focused: Element | null = null;
/** Tab past the last element gives focus to the browser, until the mouse brings it back. */
let away = false;
/** Value of the focused text control when it got focus, or when it last fired `change`. */
let valueAtFocus = '';

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** Must run before any script of the page. */
export function installFocus(): void {
  Object.defineProperty(Document.prototype, 'activeElement', {
    configurable: true,
    get(this: Document) {
      return this === document ? activeElement() : (nativeActive.call(this) as Element | null);
    },
  });
  document.hasFocus = hasFocus;
  window.focus = () => undefined;
  window.blur = () => undefined;
  for (const prototype of [HTMLElement.prototype, SVGElement.prototype]) {
    prototype.focus = function (this: HTMLElement | SVGElement) {
      if (isFocusable(this)) setFocus(this);
    };
    prototype.blur = function (this: HTMLElement | SVGElement) {
      if (this === focused) setFocus(null);
    };
  }
}

/** Keeps the browser's own focus and key events from the page. Must run after each document.open(), which drops listeners. */
export function hideNativeFocus(): void {
  const hide = (event: Event) => {
    if (event.isTrusted) event.stopImmediatePropagation();
  };
  for (const type of ['focus', 'blur', 'focusin', 'focusout', 'keydown', 'keyup', 'keypress', 'scroll'])
    window.addEventListener(type, hide, true);
}

/** document.activeElement as the page sees it: the body when nothing has focus. */
export function activeElement(): Element | null {
  if (focused && focused.isConnected && !focused.matches(':disabled')) return focused;
  focused = null;
  return document.body ?? document.documentElement;
}

/** What is no longer rendered loses the focus, without events. @see HTML standard, focus fixup */
export function fixFocus(): void {
  if (focused && !isRendered(focused)) focused = null;
}

/** The element that has focus, null when it is only the body by default. */
export function focusedElement(): Element | null {
  return activeElement() === focused ? focused : null;
}

/** Whether the page has the focus that the browser gives to one page at a time. */
export function hasFocus(): boolean {
  return !away;
}

/** Tab left the page, or the mouse or a further Tab came back to it. */
export function setAway(value: boolean): void {
  away = value;
}

/** As in a window that has held no page. */
export function forgetFocus(): void {
  focused = null;
  away = false;
}

/** Whether the element can take focus by script; a negative tabindex is enough. */
export function isFocusable(element: Element): boolean {
  if (!(element instanceof HTMLElement || element instanceof SVGElement)) return false;
  if (element.matches(':disabled') || !isRendered(element)) return false;
  if (
    element.matches(
      'input:not([type=hidden]), select, textarea, button, a[href], area[href], iframe, summary',
    )
  )
    return true;
  return (
    element.hasAttribute('tabindex') ||
    (element instanceof HTMLElement && element.contentEditable === 'true') ||
    element.getAttribute('contenteditable') === ''
  );
}

/** The element or the nearest ancestor that takes focus on a press of the mouse. */
export function focusableAncestor(element: Element | null): Element | null {
  for (let at = element; at; at = at.parentElement) if (isFocusable(at)) return at;
  return null;
}

/** Moves focus and fires change, blur, focusout, focus and focusin in Chromium's order. */
export function setFocus(element: Element | null): void {
  const previous = focusedElement();
  if (previous === element) return;
  if (previous) {
    commitChange(previous);
    focused = null;
    fire(previous, 'blur', element);
    fire(previous, 'focusout', element);
    if (focused !== null) return;
  }
  focused = element;
  if (!element) return;
  setNavigationStart(element);
  valueAtFocus = isTextControl(element) ? element.value : '';
  fire(element, 'focus', previous);
  if (focused === element) fire(element, 'focusin', previous);
}

/** Fires `change` if the user edited the text control since it got focus. */
export function commitChange(element: Element): void {
  if (
    !isTextControl(element) ||
    element !== focused ||
    element.value === valueAtFocus ||
    !edited.has(element)
  )
    return;
  valueAtFocus = element.value;
  edited.delete(element);
  element.dispatchEvent(new Event('change', { bubbles: true }));
}

const edited = new WeakSet<Element>();

/** Notes that the user, not a script, changed the value. */
export function noteEdit(element: Element): void {
  edited.add(element);
}

export function isTextControl(element: Element): element is TextControl {
  if (element instanceof HTMLTextAreaElement) return true;
  const textless = [
    'checkbox',
    'radio',
    'button',
    'submit',
    'reset',
    'image',
    'file',
    'range',
    'color',
    'hidden',
  ];
  return element instanceof HTMLInputElement && !textless.includes(element.type);
}

/** Controls made of fields: the first field has their focus. */
export function hasDateFields(input: HTMLInputElement): boolean {
  return input.type === 'date' || input.type === 'time';
}

function fire(target: Element, type: string, relatedTarget: EventTarget | null): void {
  const bubbles = type === 'focusin' || type === 'focusout';
  target.dispatchEvent(new FocusEvent(type, { bubbles, composed: true, relatedTarget, view: window }));
}
