/** How many browsers collect at once. */
import { expect, test } from 'vitest';
import { browsersFor } from './machine.ts';

const GIB = 2 ** 30;

test('cores or memory decide, whichever allows fewer, and there is always one', () => {
  // 26 on 64 cores: what the demonstrations of the embedded policy were collected with.
  expect(browsersFor(64, 512 * GIB)).toBe(26);
  expect(browsersFor(64, 16 * GIB)).toBe(8);
  expect(browsersFor(2, 4 * GIB)).toBe(1);
  expect(browsersFor(1, GIB)).toBe(1);
});
