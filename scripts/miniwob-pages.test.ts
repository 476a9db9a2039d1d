/** The tasks as pages of their own, for drivers outside this site. */
import { expect, test } from 'vitest';
import { pageNames, pageText } from './miniwob-pages.ts';

test('every page is whole, and read as UTF-8 whatever its server says of it', () => {
  expect(pageNames()).toHaveLength(125);
  for (const name of pageNames()) {
    const text = pageText(name);
    expect(text.startsWith('\ufeff'), name).toBe(true);
    expect(text, name).not.toMatch(/(?:src|href)="\.\.\/core\//);
  }
});
