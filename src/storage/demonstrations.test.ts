/** Demonstrations as a file: what is written is read back, whatever it was recorded with, and what nobody may learn from is not. */
import { expect, test } from 'vitest';
import { ACTION_SETS } from '../config.ts';
import { fromJsonLines, toJsonLines } from './demonstrations.ts';
import type { DemonstrationRow } from './schema.ts';

const row = (change: Partial<DemonstrationRow> = {}): DemonstrationRow => ({
  id: 'one',
  task: 'click-test',
  seed: 7,
  environment: 'built-in',
  actionSet: 'bid',
  goal: 'Click the button.',
  turns: [{ axtree: '[13] button', focusedBid: '', lastActionError: '', action: "click('13')", reward: 1 }],
  rawReward: 0.9,
  recordedAt: 1_790_000_000_000,
  ...change,
});

test('a demonstration of every action set comes back as it was', () => {
  const rows = ACTION_SETS.map((actionSet, i) => row({ id: `of ${i}`, actionSet }));
  expect(fromJsonLines('all.jsonl', toJsonLines(rows))).toEqual(rows);
});

test.each([
  [row({ seed: 2 ** 30 }), /line 2 .*seed 1073741824 is one that policies are tested on/],
  [row({ turns: [] }), /line 2 .*turns/],
  [{ ...row(), actionSet: 'any' }, /line 2 .*actionSet/],
])('one that cannot be learnt from refuses its file, and names its line', (bad, why) => {
  const text = toJsonLines([row(), bad as DemonstrationRow]);
  expect(() => fromJsonLines('some.jsonl', text)).toThrow(why);
});
