/** Pages of a folder as one text: what they include comes along, and elements stay one for one. */
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../config.ts';
import { FramePool } from '../frame-pool.ts';
import { bundlePage } from './bundle.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const CORE = `Math.seedrandom = function () {};
var core = { clearTimer() {}, createDisplay() {}, canvasDrawClick() {}, endEpisode() {}, getUtterance: () => 'Look.',
  startEpisodeReal() { genProblem(); } };
var WOB_RAW_REWARD_GLOBAL = 0, WOB_REWARD_REASON = null, WOB_DONE_GLOBAL = false, WOB_TASK_READY = true;`;
const PAGE = `<!doctype html><html><head><title>T</title><link rel="stylesheet" href="../core/core.css">
<script src="../core/core.js"></script><script>
var genProblem = function () { var image = document.createElement('img'); image.setAttribute('src', '../common/icons/' + 'red' + '.png');
  image.width = 20; image.height = 20; document.getElementById('area').append(image); };
</script></head><body><div id="wrap"><div id="query">\u00e9</div><div id="area"></div></div><div id="sync-task-cover"></div></body></html>`;

const encode = (text: string) => new TextEncoder().encode(text);
const files = new Map<string, Uint8Array>([
  ['miniwob/t.html', encode(PAGE)],
  ['core/core.js', encode(CORE)],
  [
    'core/core.css',
    encode(
      'body { margin: 0 } #area { position: absolute; left: 0; top: 0; width: 160px; height: 210px; background: url(back.png) }',
    ),
  ],
  ['core/back.png', Uint8Array.from(atob(PIXEL), c => c.charCodeAt(0))],
  ['common/icons/red.png', Uint8Array.from(atob(PIXEL), c => c.charCodeAt(0))],
]);
const read = async (path: string) => files.get(path) ?? null;
const list = async (folder: string) => [...files.keys()].filter(path => path.startsWith(folder));
const nothing = async () => [];

let pool: FramePool | undefined;
afterEach(() => pool?.dispose());

test('scripts, style sheets and pictures come along, also those whose address a script puts together', async () => {
  const bundled = await bundlePage('miniwob/t.html', read, list);
  expect(bundled.html).not.toMatch(/\.\.\/core/);
  const container = document.createElement('div');
  document.body.append(container);
  pool = new FramePool({ container, frames: 1, config: DEFAULT_CONFIG, pageOf: () => bundled });
  const { observation } = await pool.reset(0, 'picture', 1);
  expect(observation.axtree).toContain("image ''");
  const green = observation.screenshot!.data[(150 * 160 + 100) * 4 + 1];
  expect(green, 'the background from the style sheet').toBeLessThan(200);
  container.remove();
});

test('a picture that hovering swaps for another is not there yet for the click that hovers', async () => {
  const style =
    '#i { content: url(../core/back.png); width: 20px; height: 20px } #i:hover { content: url(../common/icons/red.png) }';
  const clicks = `<div onclick="this.title += event.target.localName + ' '" role="button" style="height: 20px"><span id="i"></span></div>`;
  const html = PAGE.replace('</head>', `<style>${style}</style></head>`).replace(
    '<div id="area">',
    `<div id="area">${clicks}`,
  );
  const swapping = async (path: string) => (path === 'miniwob/t.html' ? encode(html) : read(path));
  const bundled = await bundlePage('miniwob/t.html', swapping, list);
  const container = document.createElement('div');
  document.body.append(container);
  const config = { ...DEFAULT_CONFIG, action_set: 'miniwob_all' as const };
  pool = new FramePool({ container, frames: 1, config, pageOf: () => bundled });
  await pool.reset(0, 'picture', 1);
  const clicked = async () =>
    /button '(.*?)'/.exec((await pool!.step(0, 'mouse_click(5, 5)')).observation.axtree)?.[1];
  expect(await clicked()).toBe('div');
  expect(await clicked()).toBe('div span');
  container.remove();
});

test('a page without an encoding is read as browsers read it, or as its server says', async () => {
  const text = async (encoding: 'utf-8' | 'windows-1252') =>
    /id="query">(.*?)</.exec((await bundlePage('miniwob/t.html', read, nothing, encoding)).html)![1];
  expect(await text('utf-8')).toBe('\u00e9');
  expect(await text('windows-1252')).toBe('\u00c3\u00a9');
});

test('a missing script is an error that names page and file', async () => {
  const without = async (path: string) => (path === 'core/core.js' ? null : read(path));
  await expect(bundlePage('miniwob/t.html', without, nothing)).rejects.toMatchObject({
    code: 'page-file-missing',
    message: expect.stringMatching(/miniwob\/t\.html needs core\/core\.js/) as string,
  });
});
