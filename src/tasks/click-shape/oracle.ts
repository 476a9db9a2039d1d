/** Clicks the first item that the description fits, read from its marks. */
import type { Oracle } from '../contract.ts';
import { all, parseGoal } from '../oracle.ts';
import { middleOf, mouse } from '../oracle-pointer.ts';

const SHAPES: Readonly<Record<string, string>> = { circle: 'circle', rect: 'rectangle', polygon: 'triangle' };

export const oracle: Oracle = page => {
  const words = parseGoal(page, /^Click on a (.*)$/)[0]!.split(' ');
  const item = all<SVGGraphicsElement>(page, '#area_svg > *').find(element => {
    const text = element.textContent;
    const size = element.getAttribute('font-size') ?? String(element.getBBox().width);
    const is = new Set([
      parseFloat(size) > 15 ? 'large' : 'small',
      element.getAttribute('fill'),
      'item',
      text || SHAPES[element.tagName],
      text ? (/\d/.test(text) ? 'digit' : 'letter') : 'shape',
    ]);
    return words.every(word => is.has(word));
  })!;
  return mouse('mouse_click', middleOf(item));
};
