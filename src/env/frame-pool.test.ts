/** The pool with the real tasks in real sandboxed frames. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { FramePool } from './frame-pool.ts';
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

test('a page that was loaded ahead, or one that was expected and not asked for, changes nothing', async () => {
  const plain = await pool.reset(0, 'click-option', 3);
  await pool.expect(0, 'click-option');
  await pool.expect(1, 'click-test');
  await pool.prepared();
  const [announced, other] = [await pool.reset(0, 'click-option', 3), await pool.reset(1, 'click-option', 3)];
  expect(announced).toEqual(plain);
  expect(other).toEqual(plain);
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
