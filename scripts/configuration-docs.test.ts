/** The document about settings says what the settings are. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configurationDocument, DOCUMENT } from './configuration-docs.ts';

test('docs/configuration.md is what the table of settings says; if not, run npx tsx scripts/configuration-docs.ts', async () => {
  expect(await readFile(DOCUMENT, 'utf8')).toBe(await configurationDocument());
});
