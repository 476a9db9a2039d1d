/** Which folders are MiniWoB++'s pages, wherever they lie among what was picked. */
import { expect, test } from 'vitest';
import { looksLikePages, pageOfFolder, readPageFolder } from './folder.ts';

const PAGE = '<script src="../core/core.js"></script>';
const WHOLE = {
  'core/core.js': 'var core = { startEpisodeReal() {} };',
  'miniwob/a.html': PAGE,
  'miniwob/b.html': `${PAGE}<script src="../common/extra.js"></script>`,
  'miniwob/chase-circle.html': PAGE,
  'miniwob/about.html': '<p>no task</p>',
  'common/extra.js': 'var extra = 1;',
};

/** @param under  folder that all lies in. */
function files(texts: Record<string, string>, under = ''): Map<string, Blob> {
  return new Map(Object.entries(texts).map(([path, text]) => [under + path, new Blob([text])]));
}

test('the folder is found in a whole repository, and is the same folder there', async () => {
  const repository = new Map([
    ...files(WHOLE, 'plus-main/miniwob/html/'),
    ...files({ 'README.md': 'x', 'docs/core/core.js': 'other' }, 'plus-main/'),
  ]);
  const found = await readPageFolder('plus-main', repository);
  const alone = await readPageFolder('html', files(WHOLE, 'html/'));
  expect(found.tasks).toEqual(['a', 'b']);
  expect(found.id).toMatch(/^[0-9a-f]{16}$/);
  expect(alone.id).toBe(found.id);
  expect((await pageOfFolder(found.files, 'b')).html).toContain('var extra = 1');
  const changed = await readPageFolder('html', files({ ...WHOLE, 'common/extra.js': 'var extra = 2;' }));
  expect(changed.id).not.toBe(found.id);
});

test('a page that lacks a file is left out; where all do, the first says why', async () => {
  const { 'common/extra.js': _, ...rest } = WHOLE;
  const folder = await readPageFolder('html', files(rest));
  expect(folder.tasks).toEqual(['a']);
  expect(folder.broken).toEqual([expect.stringMatching(/^b: .*needs common\/extra\.js/)]);
  const { 'miniwob/a.html': __, ...none } = rest;
  await expect(readPageFolder('html', files(none))).rejects.toMatchObject({ code: 'page-file-missing' });
});

test.each([
  [{ 'a.txt': '' }, 'no-pages', /neither core\/core\.js nor miniwob/],
  [{ 'miniwob/a.html': PAGE }, 'pages-without-core', /1 page but not core\/core\.js/],
  [{ 'core/core.js': 'x' }, 'no-pages', /no miniwob folder/],
  [{ ...WHOLE, 'core/core.js': '<!doctype html>' }, 'pages-without-core', /no core\.startEpisodeReal/],
  [{ 'core/core.js': WHOLE['core/core.js'], 'miniwob/a.html': '<p>' }, 'no-pages', /No page in .* is a task/],
])('%j is refused', async (texts, code, message) => {
  await expect(readPageFolder('mine', files(texts as Record<string, string>, 'mine/'))).rejects.toMatchObject(
    {
      code,
      message: expect.stringMatching(message) as string,
    },
  );
});

test('pages are told from a policy by their names', () => {
  expect(looksLikePages(['html/miniwob/a.html', 'html/core/core.js'])).toBe(true);
  expect(looksLikePages(['model/config.json', 'model/model.safetensors'])).toBe(false);
});
