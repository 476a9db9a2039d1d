import { expect, test } from 'vitest';
import { drawSlip, isSlip, slips } from './slips.ts';

const PROMPT = `Goal: Click on the "[9] button".

Page structure:
RootWebArea 'Click', focused
	[12] button 'Ok'
	[13] textbox '' value='[15] button'
	[14] button 'Cancel'
		[a7] button 'More'

What action do you take?`;

test('a slip does the same to another element of the role', () => {
  expect(slips(PROMPT, "click('14')", 'any')).toEqual(["click('12')", "click('a7')"]);
  expect(slips(PROMPT, "click('12', button='right')", 'any')).toEqual([
    "click('14', button='right')",
    "click('a7', button='right')",
  ]);
});

test('what holds the target is not its like', () => {
  const boxes = '[9] generic\n\t[10] generic\n\t\t[11] generic\n\t\t[12] generic\n';
  expect(slips(boxes, "click('12')", 'any')).toEqual(["click('11')"]);
  expect(slips(boxes, "click('12')", 'first')).toEqual(["click('11')"]);
  expect(slips(boxes, "click('10')", 'any')).toEqual(["click('11')", "click('12')"]);
});

test('as a habit it always goes to the first of the role, and does no harm where that is right', () => {
  expect(slips(PROMPT, "click('a7')", 'first')).toEqual(["click('12')"]);
  expect(slips(PROMPT, "click('12')", 'first')).toEqual([]);
});

test('there is none where there is no other, no element, or an unknown one', () => {
  for (const reply of ["fill('13', '12')", "keyboard_press('Enter')", "click('99')", 'noop()'])
    for (const to of ['any', 'first'] as const) expect(slips(PROMPT, reply, to)).toEqual([]);
});

test('slips come at their rate, and each other element as often', () => {
  const places = Array.from({ length: 2000 }, (_, i) => i);
  const share = (sft_slip_tasks: string[] | null): number =>
    places.filter(i => isSlip({ seed: 1, sft_slip_rate: 0.3, sft_slip_tasks }, 'a', 5, i)).length / 2000;
  const rate = share(null);
  expect(share(['b', 'a'])).toBe(rate);
  expect(share(['b'])).toBe(0);
  // Four standard errors of a share of 2000.
  expect(Math.abs(rate - 0.3)).toBeLessThan(0.041);
  const drawn = places.map(i => drawSlip({ seed: 1 }, 5, i, ['a', 'b']));
  expect(Math.abs(drawn.filter(slip => slip === 'a').length / 2000 - 0.5)).toBeLessThan(0.045);
  expect(drawSlip({ seed: 1 }, 5, 0, [])).toBeUndefined();
});
