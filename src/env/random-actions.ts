/** Random actions over what is on a page, for trying whether anything breaks. */
import seedrandom from 'seedrandom';
import type { ElementProperties } from '../frame/protocol.ts';

const KEYS = [
  'Tab',
  'Enter',
  'Escape',
  'ArrowDown',
  'ArrowUp',
  'Backspace',
  'Control+a',
  'PageDown',
  'Shift+Tab',
];

/** @returns draws an action for a page with these elements, coordinates in pixels of a screenshot at scale 1.5. */
export function randomActions(seed: number): (elements: readonly ElementProperties[]) => string {
  const random = seedrandom(String(seed));
  const below = (n: number) => Math.floor(random() * n);
  return elements => {
    const seen = elements.filter(each => each.box && each.visibility >= 0.5);
    const bid = () => `'${seen.length > 0 ? seen[below(seen.length)]!.bid : '0'}'`;
    const point = () => `${below(240)}, ${75 + below(240)}`;
    const draws = [
      () => `click(${bid()})`,
      () => `click(${bid()})`,
      () => `click(${bid()})`,
      () => `mouse_click(${point()})`,
      () => `mouse_click(${point()})`,
      () => `dblclick(${bid()})`,
      () => `hover(${bid()})`,
      () => `fill(${bid()}, 'ab ${below(10)}')`,
      () => `press(${bid()}, '${KEYS[below(KEYS.length)]}')`,
      () => `keyboard_press('${KEYS[below(KEYS.length)]}')`,
      () => `keyboard_type('x${below(10)}')`,
      () => `select_option(${bid()}, 'x')`,
      () => `drag_and_drop(${bid()}, ${bid()})`,
      () => `mouse_drag_and_drop(${point()}, ${point()})`,
      () => `scroll(0, ${below(200) - 100})`,
      () => `focus(${bid()})`,
      () => 'noop(100)',
    ];
    return draws[below(draws.length)]!();
  };
}
