/** What the screenshot shows after a step: drawn anew exactly when something on the page looks different. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { Observation } from '../protocol.ts';
import { FramePool } from './frame-pool.ts';
import { checkReply } from './messages.ts';
import { page } from './pages.fixture.ts';

let container: HTMLElement;
let pool: FramePool | undefined;

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
});

afterEach(() => {
  pool?.dispose();
  pool = undefined;
  container.remove();
});

async function start(html: string): Promise<{ first: Observation; bids: string[] }> {
  pool = new FramePool({ container, frames: 1, config: DEFAULT_CONFIG, pageOf: () => ({ html }) });
  const { observation } = await pool.reset(0, 'drawn', 1);
  return {
    first: observation,
    bids: [...observation.axtree.matchAll(/\[(\d+)\] (button|textbox)/g)].map(match => match[1]!),
  };
}

async function step(action: string): Promise<Observation> {
  const { observation } = await pool!.step(0, action);
  expect(observation.lastActionError, action).toBe('');
  return observation;
}

/** Of the task area, `rgb` as one text. */
function pixel({ screenshot }: Observation, x: number, y: number): string {
  const { data, width } = screenshot!;
  return data.slice((y * width + x) * 4, (y * width + x) * 4 + 3).join(',');
}

test('a picture that stays is there all the same, whatever was done to the one before', async () => {
  const { first } = await start(page('<button>A</button>', ''));
  const before = first.screenshot!.data.slice();
  first.screenshot!.data.fill(7);
  const second = (await step('noop(10)')).screenshot!;
  expect(second.data).toEqual(before);
  structuredClone(second.data, { transfer: [second.data.buffer] });
  expect((await step('noop(10)')).screenshot!.data).toEqual(before);
});

test('focus is drawn where it shows: on a field, and on whatever the page has a rule for', async () => {
  const at = (top: number) => `position:absolute;left:10px;top:${top}px;width:60px;height:20px`;
  const controls = `<button style="${at(60)}">A</button><input style="${at(100)}">`;
  const plain = await start(page(controls, ''));
  const button = await step(`focus('${plain.bids[0]}')`);
  expect(button.screenshot!.data).toEqual(plain.first.screenshot!.data);
  const field = await step(`focus('${plain.bids[1]}')`);
  expect(field.screenshot!.data).not.toEqual(plain.first.screenshot!.data);
  pool!.dispose();
  const ruled = await start(
    page(controls + '<style>button:focus { background: rgb(200, 0, 0); border: 0 }</style>', ''),
  );
  expect(pixel(ruled.first, 12, 62)).not.toBe('200,0,0');
  expect(pixel(await step(`focus('${ruled.bids[0]}')`), 12, 62)).toBe('200,0,0');
});

test('a rule of the page for what the agent writes on its elements is drawn', async () => {
  const box = 'position:absolute;left:10px;top:60px;width:20px;height:20px';
  const { first } = await start(
    page(`<div style="${box}"></div><style>div[bid] { background: rgb(0, 0, 200) }</style>`, ''),
  );
  expect(pixel(first, 15, 65)).toBe('0,0,200');
});

test('a frame that names a picture which it was not offered is not believed', () => {
  const observation = { goal: '', axtree: '', html: '', focusedBid: '', elements: [], screenshot: null };
  const state = {
    observation,
    pictureKnown: 'ours',
    rawReward: 0,
    done: false,
    reason: null,
    actionError: '',
  };
  const reply = { id: 1, type: 'state', state };
  const picture = { name: 'ours', width: 1, height: 1, data: new Uint8Array([1, 2, 3, 4]).buffer };
  expect(() => checkReply(reply, { id: 1, type: 'act' }, () => null)).toThrow(/not offered/);
  const checked = checkReply(reply, { id: 1, type: 'act' }, name => (name === 'ours' ? picture : null));
  expect(checked).toMatchObject({ state: { observation: { screenshot: picture } } });
});
