import { expect, test } from 'vitest';
import { parseActions } from '../env/action/index.ts';
import type { LocatedElement } from '../env/index.ts';
import { Gestures } from './gestures.ts';

const at = (bid: string, covered = false, drawn = false): LocatedElement => ({
  bid,
  kind: 'other',
  value: '',
  options: [],
  box: [0, 0, 9, 9],
  covered,
  drawn,
});
const key = (name: string, held: { ctrlKey?: boolean; shiftKey?: boolean } = {}) => ({
  key: name,
  ctrlKey: held.ctrlKey ?? false,
  shiftKey: held.shiftKey ?? false,
  altKey: false,
  metaKey: false,
});

test('gestures are actions that the grammar reads back, whatever was written', () => {
  const gestures = new Gestures('bid');
  const said = `it's "so"\n\\ done`;
  const [text] = gestures.fill(at('14'), said);
  expect(parseActions(text, { actionSet: 'bid', multiaction: false })).toMatchObject([
    { name: 'fill', args: ['14', said, false] },
  ]);
  const there = { x: 3, y: 4 };
  expect(gestures.click(at('a3'), there)).toEqual(["click('a3')"]);
  expect(gestures.click(at('a3'), there, 2)).toEqual(["dblclick('a3')"]);
  expect(new Gestures('coord').click(at('a3'), there, 2)).toEqual(['mouse_dblclick(3, 4)']);
  expect(gestures.choose(at('8'), 'Blue')).toEqual(["select_option('8', 'Blue')"]);
  expect(gestures.press(key('a', { ctrlKey: true }), '5')).toEqual(["press('5', 'Control+a')"]);
  expect(gestures.press(key('Tab', { shiftKey: true }), '5')).toEqual(["press('5', 'Shift+Tab')"]);
  expect(gestures.press(key('Shift', { shiftKey: true }), '5')).toEqual([]);
});

test('a drag goes from element to element, or by coordinates where the set has them', () => {
  const [from, to] = [
    { x: 3, y: 4 },
    { x: 50, y: 60 },
  ];
  expect(new Gestures('bid').drag(from, at('1'), to, at('2'))).toEqual(["drag_and_drop('1', '2')"]);
  expect(new Gestures('bid').drag(from, at('1'), to, at('1'))).toEqual([]);
  expect(new Gestures('miniwob_all').drag(from, at('1'), to, at('2'))).toEqual([
    'mouse_down(3, 4)',
    'mouse_move(50, 60)',
    'mouse_up(50, 60)',
  ]);
  expect(new Gestures('bid').press(key('Enter'), '')).toEqual([]);
});

test('what has something over its middle is never named: an action would reach that instead', () => {
  const [from, to] = [
    { x: 3, y: 4 },
    { x: 50, y: 60 },
  ];
  const all = new Gestures('all');
  expect(all.drag(from, at('1'), to, at('2'))).toEqual(["drag_and_drop('1', '2')"]);
  expect(all.drag(from, at('1'), to, at('2', true))).toEqual(['mouse_drag_and_drop(3, 4, 50, 60)']);
  expect(all.drag(from, at('1', true), to, at('2'))).toEqual(['mouse_drag_and_drop(3, 4, 50, 60)']);
  expect(all.click(at('1', true), from)).toEqual(['mouse_click(3, 4)']);
  const bid = new Gestures('bid');
  expect(bid.drag(from, at('1'), to, at('2', true))).toEqual([]);
  expect(bid.click(at('1', true), from, 2)).toEqual([]);
});

test('in a drawing it is the place that counts, where the set has places', () => {
  const [from, to] = [
    { x: 3, y: 4 },
    { x: 50, y: 60 },
  ];
  const drawing = at('1', false, true);
  for (const set of ['all', 'miniwob_all', 'coord'] as const) {
    expect(new Gestures(set).click(drawing, from)).toEqual(['mouse_click(3, 4)']);
    expect(new Gestures(set).click(drawing, from, 2)).toEqual(['mouse_dblclick(3, 4)']);
  }
  for (const [start, end] of [
    [drawing, at('2')],
    [at('2'), drawing],
    [drawing, drawing],
  ])
    expect(new Gestures('all').drag(from, start, to, end)).toEqual(['mouse_drag_and_drop(3, 4, 50, 60)']);
  const bid = new Gestures('bid');
  expect(bid.click(drawing, from)).toEqual(["click('1')"]);
  expect(bid.drag(from, at('2'), to, drawing)).toEqual(["drag_and_drop('2', '1')"]);
  expect(bid.click(at('1', true, true), from)).toEqual([]);
});
