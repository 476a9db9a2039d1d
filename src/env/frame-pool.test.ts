/** The pool with the real tasks in real sandboxed frames. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { Episode } from './episode.ts';
import { FramePool } from './frame-pool.ts';
import { Pictures } from './pictures.ts';
import { registeredPage } from './registered-page.ts';
import { MOST_PAGES, SandboxedFrame } from './sandboxed-frame.ts';

let container: HTMLElement;
let pool: FramePool;

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
  pool = new FramePool({ container, frames: 2, config: DEFAULT_CONFIG });
});

afterEach(() => {
  pool.dispose();
  container.remove();
});

test('an episode starts with its goal, its tree and its pixels', async () => {
  const { observation, reward, done } = await pool.reset(0, 'click-test', 1);
  expect(observation.goal).toBe('Click the button.');
  expect(observation.axtree).toMatch(/^RootWebArea 'Click Test Task', focused\n/);
  expect(observation.axtree).toContain("[13] button 'Click Me!'");
  expect(observation.screenshot).toMatchObject({ width: 160, height: 210, channels: 4 });
  expect({ reward, done }).toEqual({ reward: 0, done: false });
});

test('the oracle of a task ends an episode with reward 1', async () => {
  for (const task of ['click-button', 'click-dialog-2', 'click-color']) {
    let result = await pool.reset(0, task, 7);
    for (let turn = 0; turn < 10 && !result.done; turn++) {
      const action = await pool.oracle(0);
      result = await pool.step(0, action);
      expect(result.observation.lastActionError, `${task}: ${action}`).toBe('');
    }
    expect({ task, reward: result.reward, done: result.done }).toEqual({ task, reward: 1, done: true });
  }
});

test('an episode that began ahead, or one that was expected and not asked for, changes nothing', async () => {
  const plain = [await pool.reset(0, 'click-option', 3), await pool.step(0, "click('999')")];
  const replay = async (slot: number) => [
    await pool.reset(slot, 'click-option', 3),
    await pool.step(slot, "click('999')"),
  ];
  await pool.expect(0, 'click-option', 3);
  await pool.expect(1, 'click-option', 4);
  await pool.prepared();
  expect(await replay(0)).toEqual(plain);
  expect(await replay(1)).toEqual(plain);
  // As where what is expected changes, and where it is asked for before it is there.
  await pool.expect(0, 'click-test', 3);
  await pool.prepared();
  await pool.expect(0, 'click-option', 3);
  await pool.expect(1, 'click-option', 3);
  const preparing = pool.prepared();
  expect(await Promise.all([replay(0), replay(1)])).toEqual([plain, plain]);
  await preparing;
});

/** Whether a reset needs nothing of any frame. */
async function isThere(slot: number, seed: number): Promise<boolean> {
  const later = new Promise<false>(resolve => setTimeout(resolve, 0, false));
  const reset = pool.reset(slot, 'click-test', seed);
  const there = await Promise.race([reset.then(() => true), later]);
  await reset;
  return there;
}

test('an expected episode has begun before it is asked for, unless too few came as expected', async () => {
  await pool.expect(0, 'click-test', 3);
  await pool.prepared();
  expect(await isThere(1, 3)).toBe(false);
  expect(await isThere(0, 3)).toBe(true);
  for (let seed = 0; seed < 12; seed++) {
    await pool.expect(0, 'click-test', seed + 1);
    await pool.reset(0, 'click-test', seed);
  }
  await pool.expect(0, 'click-test', 3);
  await pool.prepared();
  expect(await isThere(0, 3)).toBe(false);
});

test('a page that was loaded ahead without its seed, or for another task, changes nothing', async () => {
  const plain = await pool.reset(0, 'click-option', 3);
  await pool.expect(0, 'click-option');
  await pool.expect(1, 'click-test');
  await pool.prepared();
  const [announced, other] = [await pool.reset(0, 'click-option', 3), await pool.reset(1, 'click-option', 3)];
  expect(announced).toEqual(plain);
  expect(other).toEqual(plain);
});

test('of an episode that is over, or that will not go on, nothing is looked at', async () => {
  await pool.reset(0, 'click-test', 1);
  const missed = await pool.step(0, 'noop()', 'unless-over');
  expect(missed.observation.axtree).toContain("[13] button 'Click Me!'");
  const solved = await pool.step(0, "click('13')", 'unless-over');
  expect(solved).toMatchObject({ reward: 1, rawReward: expect.any(Number), done: true });
  expect(solved.observation).toMatchObject({ goal: 'Click the button.', axtree: '', screenshot: null });
  await pool.reset(0, 'click-test', 1);
  const last = await pool.step(0, "click('999')", 'never');
  expect(last).toMatchObject({ reward: 0, done: false });
  expect(last.observation).toMatchObject({ axtree: '', screenshot: null, lastAction: "click('999')" });
  expect(last.observation.lastActionError).toContain('999');
});

test('pages that look alike have one picture, drawn once; others have their own', async () => {
  const pictures = new Pictures().of('click-test', 1);
  const { observation, ...config } = { ...DEFAULT_CONFIG, scale: 1 };
  const options = { seedOf: (seed: number) => seed, elements: false };
  /** What a frame of its own sends of the start, and what is made of it. */
  const begin = async (seed: number) => {
    const frame = new SandboxedFrame(container);
    const states: string[] = [];
    const ask = frame.ask.bind(frame);
    frame.ask = (async (...asked: Parameters<typeof ask>) => {
      const reply = await ask(...asked);
      if (reply.type === 'state') states.push(reply.state.pictureKnown === null ? 'drawn' : 'known');
      return reply;
    }) as typeof frame.ask;
    const episode = new Episode(
      'click-test',
      seed,
      registeredPage('click-test'),
      { ...config, observation },
      1,
      options,
      pictures,
    );
    const { screenshot } = (await episode.reset(frame)).observation;
    frame.dispose();
    return { states, pixels: screenshot!.data };
  };
  const [first, same, other] = [await begin(5), await begin(5), await begin(6)];
  expect([first.states, same.states, other.states]).toEqual([['drawn'], ['known'], ['drawn']]);
  expect(same.pixels).toEqual(first.pixels);
  expect(same.pixels.buffer).not.toBe(first.pixels.buffer);
  expect(other.pixels).not.toEqual(first.pixels);
});

test('frames of registered pages are used again; those of any other page hold one episode', async () => {
  /** How many frames so many episodes were played in. */
  const framesOf = async (frames: FramePool, episodes: number) => {
    const used = new Set<Element>();
    for (let seed = 0; seed < episodes; seed++) {
      await frames.reset(0, 'click-test', seed);
      const shown = [...frames.frameElement(0).querySelectorAll('iframe')];
      used.add(shown.find(frame => frame.style.visibility === 'visible')!);
    }
    return used.size;
  };
  expect(await framesOf(pool, 6)).toBeLessThanOrEqual(2);
  const unknown = new FramePool({
    container,
    frames: 1,
    config: DEFAULT_CONFIG,
    pageOf: task => ({ html: registeredPage(task).html }),
  });
  expect(await framesOf(unknown, 4)).toBe(4);
  unknown.dispose();
});

test('a frame holds so many pages and no more', async () => {
  const frame = new SandboxedFrame(container);
  const page = { html: '<p>Hello</p>', reusable: true };
  let pages = 0;
  for (; frame.reusable && pages < 3 * MOST_PAGES; pages++) await frame.load(`task-${pages}`, page);
  expect(pages).toBeGreaterThanOrEqual(MOST_PAGES);
  expect(pages).toBeLessThan(2 * MOST_PAGES);
  expect(frame.fits('next', page)).toBe(false);
  // The last is still to be played.
  expect(frame.fits(`task-${pages - 1}`, page)).toBe(true);
  frame.dispose();
});
