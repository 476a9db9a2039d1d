/** An episode is a function of task, seed and actions: not of the machine's clock, of what ran before, or of being seen. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { StepResult } from '../protocol.ts';
import { FramePool } from './frame-pool.ts';
import { page } from './pages.fixture.ts';

let container: HTMLElement;
let pool: FramePool;

const TIMED = page(
  `<canvas id="c" width="40" height="20"></canvas><input value="a"><p id="log"></p>
   <style>@keyframes k { from { margin-left: 0 } to { margin-left: 50px } } #log { animation: k 10s infinite linear }</style>`,
  `var log = document.getElementById('log'), n = 0;
   setInterval(function () { n++; log.textContent = n + ' ' + new Date().toISOString() + ' ' + performance.now() + ' ' + Math.random(); }, 30);
   (function frame(now) { document.getElementById('c').getContext('2d').fillRect(n % 40, 5, 1, 10); requestAnimationFrame(frame); })(0);`,
);

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
});

afterEach(() => {
  pool.dispose();
  container.remove();
});

function make(): void {
  pool = new FramePool({ container, frames: 2, config: DEFAULT_CONFIG, pageOf: () => ({ html: TIMED }) });
}

/** A result with its pixels as one number, which compares faster. */
function compact(result: StepResult) {
  const { screenshot, ...observation } = result.observation;
  let pixels = 7;
  for (const byte of screenshot!.data) pixels = (Math.imul(pixels, 31) + byte) >>> 0;
  return { ...result, observation, pixels };
}

async function play(slot: number, seed: number, pause = 0) {
  const results = [compact(await pool.reset(slot, 'timed', seed))];
  for (const action of ['noop(130)', "click('13')", 'noop(70)']) {
    await new Promise(resolve => setTimeout(resolve, pause));
    results.push(compact(await pool.step(slot, action)));
  }
  return results;
}

test('the same actions from the same seed give the same observations and pixels, however long the policy thinks', async () => {
  make();
  const [first, second] = await Promise.all([play(0, 5), play(1, 5, 150)]);
  expect(second).toEqual(first);
  expect(first[0]!.observation.axtree).toMatch(/StaticText '\d+ 2024-01-01T/);
  const other = await play(0, 6);
  expect(other[0]!.observation.axtree).not.toBe(first[0]!.observation.axtree);
});

test('frames that nobody can see observe the same: off screen, and invisible', async () => {
  make();
  const seen = await play(0, 5);
  pool.dispose();
  container.style.cssText = 'position:fixed;left:-5000px;visibility:hidden';
  make();
  expect(await play(0, 5)).toEqual(seen);
});

test('the screenshot shows what is on the page: colours, typed text, ticks, choices, canvases, scrolled boxes', async () => {
  const html = page(
    `<div style="width:20px;height:20px;background:rgb(200,0,0);position:absolute;left:0;top:60px"></div>
     <canvas id="c" width="20" height="20" style="position:absolute;left:30px;top:60px"></canvas>
     <div id="s" style="position:absolute;left:60px;top:60px;width:40px;height:20px;overflow:auto">
       <div style="height:40px;background:rgb(0,0,250)"></div><div style="height:40px;background:rgb(0,250,0)"></div></div>
     <input style="position:absolute;left:0;top:100px;width:60px"><input type="checkbox" style="position:absolute;left:80px;top:100px;margin:0">`,
    `var c = document.getElementById('c').getContext('2d'); c.fillStyle = 'rgb(0,0,200)'; c.fillRect(0, 0, 20, 20);
     document.getElementById('s').scrollTop = 60;`,
  );
  pool = new FramePool({ container, frames: 1, config: DEFAULT_CONFIG, pageOf: () => ({ html }) });
  const before = (await pool.reset(0, 'drawn', 1)).observation;
  const pixel = (x: number, y: number, of = before) =>
    Array.from(of.screenshot!.data.slice((y * 160 + x) * 4).slice(0, 3));
  expect(pixel(10, 70)).toEqual([200, 0, 0]);
  expect(pixel(40, 70)).toEqual([0, 0, 200]);
  expect(pixel(70, 70)).toEqual([0, 250, 0]);
  expect(pixel(100, 20), 'the blank instruction bar').toEqual([255, 255, 0]);
  expect(pixel(150, 200), 'the task’s white ground').toEqual([255, 255, 255]);
  const bids = [...before.axtree.matchAll(/\[(\d+)\] (textbox|checkbox)/g)].map(match => match[1]!);
  await pool.step(0, `fill('${bids[0]}', 'MMMM')`);
  const { observation: after } = await pool.step(0, `click('${bids[1]}')`);
  const ink = (of: typeof before, left: number, right: number) => {
    let dark = 0;
    for (let y = 100; y < 120; y++)
      for (let x = left; x < right; x++) dark += Math.min(...pixel(x, y, of)) < 128 ? 1 : 0;
    return dark;
  };
  expect(ink(after, 4, 56), 'typed text').toBeGreaterThan(ink(before, 4, 56) + 30);
  expect(ink(after, 80, 95), 'the tick').toBeGreaterThan(ink(before, 80, 95) + 30);
});
