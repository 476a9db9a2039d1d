/** The mouse: synthetic events with the effects that a browser gives only to real ones. */
import { focusableAncestor, focusedElement, setAway, setFocus } from './focus.ts';
import { elementAt } from './geometry.ts';
import { emptyLate, fillLate, moveHover } from './late-pictures.ts';
import { setNavigationStart } from './navigation-start.ts';
import { closeMenu, pressOnControl, releaseOnControl } from './controls.ts';
import { scrollBy } from './scroll.ts';
import { isFocusableScroller } from './tab-order.ts';
import { dragSelection, placeCaret, selectWord } from './selection.ts';

export type Button = 'left' | 'middle' | 'right';
const BUTTONS: readonly Button[] = ['left', 'middle', 'right'];
const BUTTON_BITS: Readonly<Record<Button, number>> = { left: 1, middle: 4, right: 2 };

export interface Modifiers {
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

export class Pointer {
  private x = 0;
  private y = 0;
  private buttons = 0;
  /** What the pointer is over, for enter and leave events. */
  private over: Element | null = null;
  private pressed: Element | null = null;
  private selecting = false;

  constructor(private readonly modifiers: Modifiers) {}

  move(x: number, y: number): void {
    const movement = { movementX: x - this.x, movementY: y - this.y };
    this.x = x;
    this.y = y;
    const target = targetAt(x, y);
    this.crossTo(target);
    this.fire(target, 'pointermove', movement);
    this.fire(target, 'mousemove', movement);
    if (this.selecting) dragSelection(x, y);
  }

  down(button: Button, clickCount = 1): void {
    this.buttons |= BUTTON_BITS[button];
    const target = targetAt(this.x, this.y);
    this.pressed = target;
    setNavigationStart(target);
    const init = { button: BUTTONS.indexOf(button), detail: clickCount };
    this.fire(target, 'pointerdown', { ...init, detail: 0 });
    const disabled = isDisabled(target);
    closeMenu();
    const go = disabled || this.fire(target, 'mousedown', init);
    setAway(false);
    if (go && !disabled) {
      const focusable = focusableAncestor(target);
      // A box that scrolls does not take the focus from the mouse, but keeps it.
      if (focusable || !keepsFocus(target)) setFocus(focusable);
      if (button === 'left') {
        pressOnControl(target, this.x, this.y, this.modifiers);
        placeCaret(target, this.x, this.y, this.modifiers.shiftKey);
        this.selecting = true;
        if (clickCount === 2) selectWord(target);
      }
    }
    if (button === 'right') this.fire(target, 'contextmenu', init);
  }

  up(button: Button, clickCount = 1): void {
    this.buttons &= ~BUTTON_BITS[button];
    this.selecting = false;
    const target = targetAt(this.x, this.y);
    const pressed = this.pressed;
    this.pressed = null;
    const init = { button: BUTTONS.indexOf(button), detail: clickCount };
    this.fire(target, 'pointerup', { ...init, detail: 0 });
    if (isDisabled(target)) return;
    this.fire(target, 'mouseup', init);
    if (button === 'left') releaseOnControl();
    const clicked = commonAncestor(pressed, target);
    if (!clicked || isDisabled(clicked)) return;
    if (button !== 'left') {
      this.fire(clicked, 'auxclick', init);
      return;
    }
    if (this.fire(clicked, 'click', init)) focusLabelled(clicked);
    if (clickCount === 2) this.fire(clicked, 'dblclick', init);
  }

  click(x: number, y: number, button: Button, clicks = 1): void {
    this.move(x, y);
    for (let count = 1; count <= clicks; count++) {
      emptyLate();
      this.down(button, count);
      emptyLate();
      this.up(button, count);
    }
    fillLate();
  }

  wheel(deltaX: number, deltaY: number): void {
    const target = targetAt(this.x, this.y);
    const event = new WheelEvent('wheel', { ...this.init(), deltaX, deltaY, deltaMode: 0 });
    if (target.dispatchEvent(event)) scrollBy(target, deltaX, deltaY);
  }

  private crossTo(target: Element): void {
    const from = this.over?.isConnected ? this.over : null;
    this.over = target;
    if (from === target) return;
    const left = ancestors(from).filter(element => !element.contains(target));
    const entered = ancestors(target)
      .filter(element => !from || !element.contains(from))
      .reverse();
    moveHover(left, entered);
    for (const kind of ['pointer', 'mouse']) {
      if (from) this.fire(from, kind + 'out', { relatedTarget: target });
      for (const element of left)
        this.fire(element, kind + 'leave', { relatedTarget: target, bubbles: false });
      this.fire(target, kind + 'over', { relatedTarget: from });
      for (const element of entered)
        this.fire(element, kind + 'enter', { relatedTarget: from, bubbles: false });
    }
  }

  private init(): PointerEventInit {
    return {
      ...this.modifiers,
      bubbles: true,
      cancelable: true,
      composed: true,
      view: window,
      clientX: this.x,
      clientY: this.y,
      screenX: this.x,
      screenY: this.y,
      buttons: this.buttons,
    };
  }

  /** @returns false when a listener prevented the default. */
  private fire(target: Element, type: string, init: PointerEventInit): boolean {
    const pointer = type.startsWith('pointer') || type.endsWith('click') || type === 'contextmenu';
    const full = { ...this.init(), ...init };
    const event = pointer
      ? new PointerEvent(type, { ...full, pointerId: 1, pointerType: 'mouse', isPrimary: true })
      : new MouseEvent(type, full);
    return target.dispatchEvent(event);
  }
}

/** Outside of the page's view the mouse is on the root. */
function targetAt(x: number, y: number): Element {
  return elementAt(x, y) ?? document.documentElement;
}

/** A browser gives presses and clicks on a disabled control, or what is in one, to nobody. */
function isDisabled(element: Element): boolean {
  return (
    element.closest(
      'button:disabled, input:disabled, select:disabled, textarea:disabled, option:disabled',
    ) !== null
  );
}

function keepsFocus(target: Element): boolean {
  const focused = focusedElement();
  return focused !== null && focused.contains(target) && isFocusableScroller(focused);
}

function ancestors(element: Element | null): Element[] {
  const out: Element[] = [];
  for (let at = element; at; at = at.parentElement) out.push(at);
  return out;
}

function commonAncestor(a: Element | null, b: Element): Element | null {
  for (let at: Element | null = b; at; at = at.parentElement) if (a && at.contains(a)) return at;
  return null;
}

/** A click on a label moves focus to its control, besides the click that the browser itself passes on. */
function focusLabelled(clicked: Element): void {
  const label = clicked.closest('label');
  if (!label?.control || clicked.closest('a[href], button, input, select, textarea') !== null) return;
  if (focusedElement() !== label.control && !label.control.matches(':disabled')) setFocus(label.control);
}
