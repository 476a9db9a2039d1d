/** What a policy reads, with every option, against what BrowserGym made of the same pages. tests/fixtures/browsergym/README.md */
import { afterAll, beforeAll, expect, test } from 'vitest';
import overlay from '../../tests/fixtures/browsergym/overlay_som.png';
import recorded from '../../tests/fixtures/browsergym/text.json';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { FramePool } from './frame-pool.ts';
import { overlaySom } from './overlay-som.ts';
import { structuralSimilarity } from './similarity.ts';

const SCALE = 1.5;
/** Below 1 because Pillow's digits are not the browser's. */
const ALIKE = 0.85;

let container: HTMLElement;

beforeAll(() => {
  container = document.createElement('div');
  document.body.append(container);
});

afterAll(() => container.remove());

async function observe(task: string, seed: number, options: Partial<RunConfig['observation']>) {
  const observation = {
    ...DEFAULT_CONFIG.observation,
    use_screenshot: false,
    skip_generic: true,
    ...options,
  };
  const config = { ...DEFAULT_CONFIG, observation };
  const pool = new FramePool({ container, frames: 1, scale: SCALE, config });
  const { observation: seen } = await pool.reset(0, task, seed);
  pool.dispose();
  return seen;
}

for (const { task, seed, axtree, html } of recorded) {
  test.each(axtree as [object, string][])(`${task}: the tree with %j`, async (options, expected) => {
    expect((await observe(task, seed, options)).axtree).toBe(expected);
  });

  test.each(html as [object, string][])(`${task}: pruned HTML with %j`, async (options, expected) => {
    const seen = await observe(task, seed, { ...options, use_axtree: false, use_html: true });
    expect({ html: seen.html, axtree: seen.axtree }).toEqual({ html: expected, axtree: '' });
  });
}

test('overlay_som draws boxes and tags where BrowserGym does', async () => {
  const marks = recorded[0]!.marks!;
  const theirs = await pixelsOf(overlay);
  const { width, height } = theirs;
  const white = new Uint8ClampedArray(width * height * 4).fill(255);
  const elements = marks.map(([bid, box]) => ({
    bid: bid as string,
    box: (box as number[]).map(side => side / SCALE) as [number, number, number, number],
    tag: 'a',
    visibility: 1,
    setOfMarks: true,
    clickable: true,
  }));
  const data = overlaySom(white, width, height, elements, SCALE);
  expect(structuralSimilarity({ width, height, data }, theirs)).toBeGreaterThan(ALIKE);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) throw new Error('not opaque');
});

test('the set of marks is drawn over the screenshot that the policy gets', async () => {
  const plain = await observe('login-user', 5, { use_screenshot: true });
  const marked = await observe('login-user', 5, { use_screenshot: true, overlay_som: true });
  const differing = marked.screenshot!.data.filter((byte, i) => byte !== plain.screenshot!.data[i]).length;
  expect(differing).toBeGreaterThan(500);
});

async function pixelsOf(url: string) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}
