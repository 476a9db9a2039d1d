/** BrowserGym's action functions, played on the live page. */
import { followLabel, hopeless, whenActionable, type Attempt } from './actionability.ts';
import type { VirtualClock } from './clock.ts';
import { fillElement, fillProblem, matchOptions, chooseOptions } from './fill.ts';
import { setCaret } from './editing.ts';
import { isTextControl, setAway, setFocus, isFocusable } from './focus.ts';
import { ActionError } from './frame-error.ts';
import { clickPoint } from './geometry.ts';
import { Keyboard } from './keyboard.ts';
import { findByBid } from './marking.ts';
import { Pointer, type Button, type Modifiers } from './pointer.ts';
import type { ActionCall } from './protocol.ts';
import { repr } from './python.ts';
import { scrollIntoView } from './scroll.ts';
import { isFocusableScroller } from './tab-order.ts';

/** Longest wait that noop() may ask for, virtual ms. */
const MAX_NOOP = 60_000;

export interface ActionOptions {
  /** After a failed attempt, act without the checks. */
  retryWithForce: boolean;
}

export class Actions {
  private readonly modifiers: Modifiers = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
  private readonly pointer = new Pointer(this.modifiers);
  private readonly keyboard = new Keyboard(this.modifiers);

  constructor(private readonly clock: VirtualClock) {}

  /** @throws {ActionError} as BrowserGym's action would. */
  async run(call: ActionCall, options: ActionOptions): Promise<void> {
    const action = this.table[call.name];
    if (!action) throw new ActionError('NameError', `Invalid action type '${call.name}'.`);
    await action(call.args, options);
  }

  private readonly table: Record<string, (args: unknown[], options: ActionOptions) => Promise<void> | void> =
    {
      noop: ([ms]) => this.clock.advance(Math.max(0, Math.min(MAX_NOOP, number(ms ?? 1000)))),
      click: (args, options) => this.click('click', args, 1, options),
      dblclick: (args, options) => this.click('dblclick', args, 2, options),
      hover: ([bid], options) => this.hover(bid, options.retryWithForce),
      fill: ([bid, value, menu], options) => this.fill('fill', bid, string(value), options, menu === true),
      clear: ([bid], options) => this.fill('clear', bid, '', { ...options, retryWithForce: false }, false),
      focus: ([bid]) => focusForKeys(find(bid), false),
      press: ([bid, keys]) => {
        focusForKeys(find(bid), true);
        this.keyboard.press(string(keys), 'Locator.press');
      },
      select_option: ([bid, options], { retryWithForce }) => this.selectOption(bid, options, retryWithForce),
      check: ([bid], options) => this.check(bid, true, options),
      uncheck: ([bid], options) => this.check(bid, false, options),
      drag_and_drop: async ([from, to]) => {
        await this.hover(from, false);
        this.pointer.down('left');
        await this.hover(to, false);
        this.pointer.up('left');
      },
      scroll: ([dx, dy]) => this.pointer.wheel(number(dx), number(dy)),
      scroll_at: ([x, y, dx, dy]) => {
        this.pointer.move(number(x), number(y));
        this.pointer.wheel(number(dx), number(dy));
      },
      mouse_move: ([x, y]) => this.pointer.move(number(x), number(y)),
      mouse_down: ([x, y, button]) => {
        this.pointer.move(number(x), number(y));
        this.pointer.down(buttonOf(button));
      },
      mouse_up: ([x, y, button]) => {
        this.pointer.move(number(x), number(y));
        this.pointer.up(buttonOf(button));
      },
      mouse_click: ([x, y, button]) => this.pointer.click(number(x), number(y), buttonOf(button)),
      mouse_dblclick: ([x, y, button]) => this.pointer.click(number(x), number(y), buttonOf(button), 2),
      mouse_drag_and_drop: ([fromX, fromY, toX, toY]) => {
        this.pointer.move(number(fromX), number(fromY));
        this.pointer.down('left');
        this.pointer.move(number(toX), number(toY));
        this.pointer.up('left');
      },
      keyboard_press: ([keys]) => this.keyboard.press(string(keys), 'Keyboard.press'),
      keyboard_down: ([key]) => this.keyboard.down(string(key), 'Keyboard.down'),
      keyboard_up: ([key]) => this.keyboard.up(string(key), 'Keyboard.up'),
      keyboard_type: ([text]) => this.keyboard.type(string(text)),
      keyboard_insert_text: ([text]) => this.keyboard.insert(string(text)),
    };

  private async click(
    action: string,
    args: unknown[],
    clicks: number,
    options: ActionOptions,
  ): Promise<void> {
    const [bid, button, modifiers] = args;
    const element = find(bid);
    const act = () => this.clickElement(element, buttonOf(button), modifiers, clicks);
    const attempt: Attempt = { action, states: ['visible', 'enabled', 'stable'], hit: true };
    await this.forced(
      options.retryWithForce,
      () => whenActionable(element, String(bid), attempt, this.clock, act),
      () => {
        if (element.getClientRects().length === 0) throw notVisible(action);
        scrollIntoView(element);
        act();
      },
    );
  }

  private clickElement(element: Element, button: Button, modifiers: unknown, clicks: number): void {
    const held = modifierKeys(modifiers);
    Object.assign(this.modifiers, held);
    const { x, y } = clickPoint(element);
    try {
      this.pointer.click(x, y, button, clicks);
    } finally {
      for (const key of Object.keys(held)) this.modifiers[key as keyof Modifiers] = false;
    }
  }

  private async hover(bid: unknown, retryWithForce: boolean): Promise<void> {
    const element = find(bid);
    const act = () => {
      const { x, y } = clickPoint(element);
      this.pointer.move(x, y);
    };
    const attempt: Attempt = { action: 'hover', states: ['visible', 'stable'], hit: true };
    await this.forced(
      retryWithForce,
      () => whenActionable(element, String(bid), attempt, this.clock, act),
      () => {
        if (element.getClientRects().length === 0) throw notVisible('hover');
        scrollIntoView(element);
        act();
      },
    );
  }

  /** With `menu`, all but the last character at once and the last by key, so that autocomplete menus open. */
  private async fill(
    action: string,
    bid: unknown,
    value: string,
    options: ActionOptions,
    menu: boolean,
  ): Promise<void> {
    const element = find(bid);
    const fill = (text: string) => this.fillOnce(action, element, String(bid), text);
    await this.forced(
      options.retryWithForce,
      async () => {
        if (!menu) return fill(value);
        await fill('');
        await fill(value.slice(0, -1));
        this.keyboard.type(value.slice(-1));
      },
      () => {
        if (element.getClientRects().length === 0) throw notVisible('click');
        this.clickElement(element, 'left', [], 1);
        this.keyboard.type(value);
      },
    );
  }

  private async fillOnce(action: string, element: Element, bid: string, value: string): Promise<void> {
    const target = followLabel(element);
    // Playwright logs a clear as a fill of nothing.
    const attempt: Attempt = {
      action,
      states: ['visible', 'enabled', 'editable'],
      hit: false,
      detail: `fill(${JSON.stringify(value)})`,
      verb: 'fill',
    };
    await whenActionable(element, bid, attempt, this.clock, () => {
      const problem = fillProblem(target, value);
      if (problem) throw hopeless(element, bid, attempt, problem);
      fillElement(target, value, () => this.keyboard.press('Delete', 'Locator.fill'));
    });
  }

  private async selectOption(bid: unknown, options: unknown, retryWithForce: boolean): Promise<void> {
    const element = find(bid);
    const wanted = Array.isArray(options) ? options.map(string) : [string(options)];
    const attempt: Attempt = {
      action: 'select_option',
      states: ['visible', 'enabled'],
      hit: false,
      verb: 'select option',
    };
    const select = (states: Attempt['states']) =>
      whenActionable(element, String(bid), { ...attempt, states }, this.clock, () => {
        const target = followLabel(element);
        if (!(target instanceof HTMLSelectElement))
          throw hopeless(element, String(bid), attempt, 'Element is not a <select> element');
        const matched = matchOptions(target, wanted);
        if (!matched) return 'did not find some options';
        setFocus(target);
        chooseOptions(target, matched);
      });
    await this.forced(
      retryWithForce,
      () => select(attempt.states),
      () => select([]),
    );
  }

  private async check(bid: unknown, checked: boolean, options: ActionOptions): Promise<void> {
    const element = find(bid);
    const target = followLabel(element);
    if (!(target instanceof HTMLInputElement) || !['checkbox', 'radio'].includes(target.type))
      throw new ActionError(
        'Error',
        `Locator.${checked ? 'check' : 'uncheck'}: Error: Not a checkbox or radio button`,
      );
    if (target.checked === checked) return;
    await this.click('click', [bid, 'left', []], 1, options);
  }

  /** BrowserGym's retry_with_force: after any failure, once more without the checks. */
  private async forced(
    retry: boolean,
    act: () => Promise<void>,
    force: () => Promise<void> | void,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!retry || !(error instanceof ActionError)) throw error;
      await force();
    }
  }
}

/** @throws {ActionError} ValueError in BrowserGym's words. */
function find(bid: unknown): Element {
  if (typeof bid !== 'string') throw new ActionError('ValueError', `expected a string, got ${repr(bid)}`);
  const element = findByBid(bid);
  if (!element) throw new ActionError('ValueError', `Could not find element with bid "${bid}"`);
  return element;
}

/** Playwright puts the caret at the beginning of an input that it focuses for keys, and leaves a textarea's where it is. */
function focusForKeys(named: Element, resetCaret: boolean): void {
  const element = followLabel(named);
  const before = document.activeElement;
  setAway(false);
  if (isFocusable(element) || isFocusableScroller(element)) setFocus(element);
  if (resetCaret && before !== element && element instanceof HTMLInputElement && isTextControl(element))
    setCaret(element, 0);
}

function notVisible(action: string): ActionError {
  return new ActionError('Error', `Locator.${action}: Element is not visible`);
}

function modifierKeys(modifiers: unknown): Partial<Modifiers> {
  const held: Partial<Modifiers> = {};
  const keys = {
    Alt: 'altKey',
    Control: 'ctrlKey',
    ControlOrMeta: 'ctrlKey',
    Meta: 'metaKey',
    Shift: 'shiftKey',
  } as const;
  for (const name of Array.isArray(modifiers) ? modifiers : []) {
    const key = keys[name as keyof typeof keys];
    if (!key)
      throw new ActionError(
        'Error',
        `Locator.click: modifiers: expected one of (${Object.keys(keys).join('|')})`,
      );
    held[key] = true;
  }
  return held;
}

function buttonOf(value: unknown): Button {
  const button = value ?? 'left';
  if (button === 'left' || button === 'middle' || button === 'right') return button;
  throw new ActionError('Error', 'Mouse.click: button: expected one of (left|right|middle)');
}

function number(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ActionError('TypeError', `expected a number, got ${repr(value)}`);
}

function string(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ActionError('Error', `expected string, got ${repr(value)}`);
}
