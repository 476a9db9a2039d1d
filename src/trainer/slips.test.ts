import { expect, test } from 'vitest';
import { slips } from './slips.ts';

const PROMPT = `Goal: Click on the "[9] button".

Page structure:
RootWebArea 'Click', focused
	[12] button 'Ok'
	[13] textbox '' value='[15] button'
	[14] button 'Cancel'
		[a7] button 'More'

What action do you take?`;

test('a slip does the same to another element of the role', () => {
  expect(slips(PROMPT, "click('14')")).toEqual(["click('12')", "click('a7')"]);
  expect(slips(PROMPT, "click('12', button='right')")).toEqual([
    "click('14', button='right')",
    "click('a7', button='right')",
  ]);
});

test('there is none where there is no other, no element, or an unknown one', () => {
  expect(slips(PROMPT, "fill('13', '12')")).toEqual([]);
  expect(slips(PROMPT, "keyboard_press('Enter')")).toEqual([]);
  expect(slips(PROMPT, "click('99')")).toEqual([]);
  expect(slips(PROMPT, 'noop()')).toEqual([]);
});
