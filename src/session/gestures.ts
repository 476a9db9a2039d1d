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

/** An action's name and its arguments. */
type Call = [name: string, ...args: (string | number)[]];

const written = ([name, ...args]: Call): string => `${name}(${args.map(pythonRepr).join(', ')})`;

/** Writes gestures in one action set, as actions one after the other; none for what the set has no action for. */
export class Gestures {
  readonly #known: ReadonlySet<string>;

  constructor(set: ActionSetName) {
    this.#known = new Set(actionSet(set).map(action => action.name));
  }

  /**
   * On the element; at the point where that is in a drawing, the element's middle is covered or the set knows no other way. A set
   * without coordinates clicks a drawing's middle.
   */
  click({ bid, covered, drawn }: LocatedElement, { x, y }: Point, times: 1 | 2 = 1): string[] {
    const name = times === 2 ? 'dblclick' : 'click';
    const there: Call = [`mouse_${name}`, x, y];
    if (covered) return this.#first([there]);
    return this.#first(drawn ? [there, [name, bid]] : [[name, bid], there]);
  }

  fill({ bid }: LocatedElement, text: string): string[] {
    return this.#first([['fill', bid, text]]);
  }

  choose({ bid }: LocatedElement, label: string): string[] {
    return this.#first([['select_option', bid, label]]);
  }

  /**
   * From one element onto another; by coordinates where both ends are in one element, one is in a drawing, the middle of one is
   * covered or the set knows no other way. A drag that names a covered element would press, fail, and leave the button held.
   */
  drag(from: Point, start: LocatedElement | null, to: Point, end: LocatedElement | null): string[] {
    const apart = start && end && start.bid !== end.bid;
    const reached = apart && !start.covered && !end.covered;
    const onto = reached ? this.#first([['drag_and_drop', start.bid, end.bid]]) : [];
    const by = this.#dragBy(from, to);
    const ways = start?.drawn || end?.drawn ? [by, onto] : [onto, by];
    return ways.find(actions => actions.length > 0) ?? [];
  }

  #dragBy(from: Point, to: Point): string[] {
    const whole = this.#first([['mouse_drag_and_drop', from.x, from.y, to.x, to.y]]);
    if (whole.length > 0) return whole;
    const steps: Call[] = [
      ['mouse_down', from.x, from.y],
      ['mouse_move', to.x, to.y],
      ['mouse_up', to.x, to.y],
    ];
    return steps.every(([name]) => this.#known.has(name)) ? steps.map(written) : [];
  }

  /** @param focused  bid of the element that has the focus, '' for none */
  press(key: Key, focused: string): string[] {
    const keys = combination(key);
    if (keys === null) return [];
    return this.#first([...(focused ? [['press', focused, keys] as Call] : []), ['keyboard_press', keys]]);
  }

  scroll({ x, y }: Point): string[] {
    return this.#first([['scroll', x, y]]);
  }

  /** The first of several ways that the set has. */
  #first(ways: Call[]): string[] {
    const way = ways.find(([name]) => this.#known.has(name));
    return way ? [written(way)] : [];
  }
}

const MODIFIERS = new Set(['Control', 'Alt', 'Shift', 'Meta']);

/** As Playwright names combinations: `Control+a`, `Shift+Tab`. Null for a modifier by itself. */
function combination({ key, ctrlKey, altKey, shiftKey, metaKey }: Key): string | null {
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
