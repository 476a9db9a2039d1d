/** What a person does, written as the actions of BrowserGym that do the same. */
import { actionSet, pythonRepr, type ActionSetName } from '../env/action/index.ts';
import type { LocatedElement } from '../env/index.ts';

/** CSS pixels of the page. */
export interface Point {
  x: number;
  y: number;
}

/** What of a KeyboardEvent decides its combination. */
export type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>;

const call = (name: string, ...args: (string | number)[]): string =>
  `${name}(${args.map(pythonRepr).join(', ')})`;

/** Writes gestures in one action set; null for what it has no action for. */
export class Gestures {
  readonly #known: ReadonlySet<string>;

  constructor(set: ActionSetName) {
    this.#known = new Set(actionSet(set).map(action => action.name));
  }

  click({ bid }: LocatedElement, times: 1 | 2 = 1): string | null {
    return this.#write(times === 2 ? 'dblclick' : 'click', bid);
  }

  fill({ bid }: LocatedElement, text: string): string | null {
    return this.#write('fill', bid, text);
  }

  choose({ bid }: LocatedElement, label: string): string | null {
    return this.#write('select_option', bid, label);
  }

  /** From one element onto another, or by coordinates where both ends are in one element. */
  drag(from: Point, start: LocatedElement | null, to: Point, end: LocatedElement | null): string | null {
    if (start && end && start.bid !== end.bid) {
      const action = this.#write('drag_and_drop', start.bid, end.bid);
      if (action) return action;
    }
    return this.#write('mouse_drag_and_drop', from.x, from.y, to.x, to.y);
  }

  /** @param focused  bid of the element that has the focus, '' for none */
  press(key: Key, focused: string): string | null {
    const combination = written(key);
    if (combination === null) return null;
    return (
      (focused && this.#write('press', focused, combination)) || this.#write('keyboard_press', combination)
    );
  }

  scroll({ x, y }: Point): string | null {
    return this.#write('scroll', x, y);
  }

  #write(name: string, ...args: (string | number)[]): string | null {
    return this.#known.has(name) ? call(name, ...args) : null;
  }
}

const MODIFIERS = new Set(['Control', 'Alt', 'Shift', 'Meta']);

/** As Playwright names combinations: `Control+a`, `Shift+Tab`. Null for a modifier by itself. */
function written({ key, ctrlKey, altKey, shiftKey, metaKey }: Key): string | null {
  if (MODIFIERS.has(key)) return null;
  const held = [
    ctrlKey && 'Control',
    altKey && 'Alt',
    // A capital letter says by itself that Shift was held.
    shiftKey && key.length > 1 && 'Shift',
    metaKey && 'Meta',
  ].filter(Boolean);
  return [...held, key === ' ' ? 'Space' : key].join('+');
}
