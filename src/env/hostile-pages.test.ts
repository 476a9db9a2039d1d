/** What the pool does about pages that are broken, lie or never end; what a page cannot reach is in isolation.test.ts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { FramePool } from './frame-pool.ts';
import { page } from './pages.fixture.ts';

let container: HTMLElement;
let pool: FramePool;
const pages = new Map<string, string>();

const CLICK = `<button id="go" onclick="this.textContent += '!'">go</button><div id="log"></div>`;

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
  pages.clear();
  pages.set('good', page(CLICK));
  pool = new FramePool({
    container,
    frames: 3,
    config: { ...DEFAULT_CONFIG, observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false } },
    hangTimeout: 700,
    pageOf: task => ({ html: pages.get(task) ?? '' }),
  });
});

afterEach(() => {
  pool.dispose();
  container.remove();
});

const bidOf = (tree: string, what: string) => new RegExp(`\\[(\\d+)\\] ${what}`).exec(tree)![1];

test.each([
  ['a reward above 1', `WOB_RAW_REWARD_GLOBAL = 5;`],
  ['a reward that is no number', `WOB_RAW_REWARD_GLOBAL = 'much';`],
  ['a reply that is no reply', `MessagePort.prototype.postMessage = null; WOB_RAW_REWARD_GLOBAL = NaN;`],
])('%s voids the episode and is counted', async (_, script) => {
  pages.set('lying', page('<p>x</p>', `setTimeout(function () { ${script} }, 1);`));
  await expect(pool.reset(0, 'lying', 1)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'bad-message',
  });
  expect(pool.failures.get('bad-message')).toBe(1);
});

test.each([
  [
    'page-threw',
    `<!doctype html><html><head><title>T</title><script>throw new Error('broken page')</script></head><body></body></html>`,
  ],
  [
    'page-without-contract',
    '<!doctype html><html><head><title>T</title></head><body>just a page</body></html>',
  ],
  ['page-not-ready', page('<p>x</p>', 'WOB_TASK_READY = false;')],
  ['bid-taken', page('<p bid="3">x</p>')],
  ['clock-runaway', page('<p>x</p>', `for (var i = 0; i < 300; i++) setInterval(function () {}, 4);`)],
])('%s is told apart from a task that failed', async (code, html) => {
  pages.set('broken', html);
  await expect(pool.reset(0, 'broken', 1)).rejects.toMatchObject({ name: 'EnvironmentError', code });
  expect(pool.failures.get(code)).toBe(1);
  await expect(pool.step(0, 'noop()')).rejects.toMatchObject({ code: 'not-reset' });
  await expect(pool.reset(0, 'good', 1)).resolves.toMatchObject({ done: false });
});

test('an endless loop costs its own episode only; the others are replayed to where they were', async () => {
  pages.set('looping', page('<button onclick="for (;;) {}">go</button>'));
  const [looping, good] = await Promise.all([
    pool.reset(0, 'looping', 1),
    pool.reset(1, 'good', 2),
    pool.reset(2, 'good', 3),
  ]);
  const button = bidOf(good.observation.axtree, 'button');
  await pool.step(1, `click('${button}')`);
  const [guilty, innocent] = await Promise.allSettled([
    pool.step(0, `click('${bidOf(looping.observation.axtree, 'button')}')`),
    pool.step(1, `click('${button}')`),
  ]);
  expect(guilty).toMatchObject({
    status: 'rejected',
    reason: { name: 'EnvironmentError', code: 'frame-hung' },
  });
  expect(innocent).toMatchObject({ status: 'fulfilled' });
  const after = await pool.step(1, `click('${button}')`);
  expect(after.observation.axtree).toContain("button 'go!!!'");
  const idle = await pool.step(2, `click('${button}')`);
  expect(idle.observation.axtree).toContain("button 'go!'");
  expect(Object.fromEntries(pool.failures)).toEqual({ 'frame-hung': 1 });
});

test('a page that loops while it starts is as guilty', async () => {
  pages.set('stuck', page('<p>x</p>', 'for (;;) {}'));
  await pool.reset(1, 'good', 1);
  await expect(pool.reset(0, 'stuck', 1)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
});

test('a page that loops and has handlers for its own end is stopped as well', async () => {
  pages.set(
    'clinging',
    page(
      '<p>x</p>',
      `for (const type of ['unload', 'pagehide', 'beforeunload', 'visibilitychange']) addEventListener(type, function () { for (;;) {} }); for (;;) {}`,
    ),
  );
  await pool.reset(1, 'good', 1);
  await expect(pool.reset(0, 'clinging', 1)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
});

test('a page that loops while it is loaded ahead stops nobody, and fails when it is asked for', async () => {
  pages.set('looping', page('<script>for (;;) {}</script>'));
  await pool.reset(1, 'good', 1);
  await pool.expect(0, 'looping');
  await pool.prepared();
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
  await expect(pool.reset(0, 'looping', 1)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
});

test('a page that loops while its episode begins ahead stops nobody, and fails when it is asked for', async () => {
  pages.set('stuck', page('<p>x</p>', 'for (;;) {}'));
  await pool.reset(1, 'good', 1);
  await pool.expect(0, 'stuck', 1);
  await pool.prepared();
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
  await expect(pool.reset(0, 'stuck', 1)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
});

test('a page that cannot begin fails when it is asked for, though it was tried ahead', async () => {
  pages.set('unready', page('<p>x</p>', 'WOB_TASK_READY = false;'));
  await pool.expect(0, 'unready', 1);
  await pool.prepared();
  expect(Object.fromEntries(pool.failures)).toEqual({});
  await expect(pool.reset(0, 'unready', 1)).rejects.toMatchObject({ code: 'page-not-ready' });
  expect(Object.fromEntries(pool.failures)).toEqual({ 'page-not-ready': 1 });
  await expect(pool.reset(0, 'good', 1)).resolves.toMatchObject({ done: false });
});

test('an episode that was lost because another hung says so, once', async () => {
  pages.set('looping', page('<button onclick="for (;;) {}">go</button>'));
  const fickle = `document.getElementById('area').textContent = crypto.getRandomValues(new Uint32Array(2)).join(' ');`;
  pages.set('fickle', page('', fickle));
  const { observation } = await pool.reset(0, 'looping', 1);
  await pool.reset(1, 'fickle', 1);
  const click = `click('${bidOf(observation.axtree, 'button')}')`;
  await expect(pool.step(0, click)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(1, 'noop()')).rejects.toMatchObject({ code: 'replay-diverged' });
  expect(Object.fromEntries(pool.failures)).toEqual({ 'frame-hung': 1, 'replay-diverged': 1 });
  await expect(pool.step(1, 'noop()')).rejects.toMatchObject({ code: 'not-reset' });
  await expect(pool.reset(1, 'good', 1)).resolves.toMatchObject({ done: false });
});

test('a page that hangs while it is brought back costs its own episode only', async () => {
  pages.set('looping', page('<button onclick="for (;;) {}">go</button>'));
  await pool.prepared();
  // The frames that there are began before now; those that replace them begin later.
  const now = performance.timeOrigin + performance.now();
  pages.set('late', page('<p>x</p>', `if (performance.timeOrigin > ${now}) for (;;) {}`));
  const [good, looping] = [await pool.reset(0, 'good', 1), await pool.reset(1, 'looping', 1)];
  await pool.reset(2, 'late', 1);
  const button = bidOf(good.observation.axtree, 'button');
  await pool.step(0, `click('${button}')`);
  const click = `click('${bidOf(looping.observation.axtree, 'button')}')`;
  await expect(pool.step(1, click)).rejects.toMatchObject({ code: 'frame-hung' });
  await expect(pool.step(2, 'noop()')).rejects.toMatchObject({ code: 'frame-hung' });
  const after = await pool.step(0, `click('${button}')`);
  expect(after.observation.axtree).toContain("button 'go!!'");
  expect(Object.fromEntries(pool.failures)).toEqual({ 'frame-hung': 2 });
});

test('a page that takes long to load, and whose reset comes meanwhile, has no frame replaced', async () => {
  // What the agent waits for to see the page loaded goes with its listeners.
  pages.set('endless', '<!doctype html><script>onload = function () { document.open(); }</script>');
  await pool.prepared();
  await pool.reset(1, 'good', 1);
  const frameOf = (slot: number) => pool.frameElement(slot).querySelector('iframe');
  const before = frameOf(1);
  await pool.expect(0, 'endless');
  const prepared = pool.prepared();
  await expect(pool.reset(0, 'endless', 1)).rejects.toMatchObject({ code: 'page-never-loaded' });
  await prepared;
  expect(frameOf(1)).toBe(before);
  expect(Object.fromEntries(pool.failures)).toEqual({ 'page-never-loaded': 1 });
});

test('frames that are slow to start after a hang are waited for, and the others lose nothing', async () => {
  pages.set('looping', page('<button onclick="for (;;) {}">go</button>'));
  await pool.prepared();
  const [looping, good] = [await pool.reset(0, 'looping', 1), await pool.reset(1, 'good', 2)];
  const button = bidOf(good.observation.axtree, 'button');
  await pool.step(1, `click('${button}')`);
  // Until one has come up: longer than the pool waits at first.
  let slow = true;
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, 'srcdoc')!;
  const delay = '<script>for (const end = performance.now() + 1800; performance.now() < end;);</script>';
  Object.defineProperty(HTMLIFrameElement.prototype, 'srcdoc', {
    configurable: true,
    get,
    set(this: HTMLIFrameElement, text: string) {
      if (slow) this.addEventListener('load', () => (slow = false));
      set!.call(this, slow ? text.replace('<head>', `<head>${delay}`) : text);
    },
  });
  try {
    const click = `click('${bidOf(looping.observation.axtree, 'button')}')`;
    await expect(pool.step(0, click)).rejects.toMatchObject({ code: 'frame-hung' });
    const after = await pool.step(1, `click('${button}')`);
    expect(after.observation.axtree).toContain("button 'go!!'");
    expect(slow).toBe(false);
    expect(Object.fromEntries(pool.failures)).toEqual({ 'frame-hung': 1 });
  } finally {
    Object.defineProperty(HTMLIFrameElement.prototype, 'srcdoc', { configurable: true, get, set });
  }
});

test('a slot that is not there is an error', async () => {
  expect(() => pool.reset(3, 'good', 1)).toThrow(/no slot 3/);
});
