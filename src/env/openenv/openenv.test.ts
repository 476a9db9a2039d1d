/** The client against a server that answers as a real one was recorded doing, and against everything that goes wrong with one. */
import { afterEach, expect, inject, test } from 'vitest';
import type {} from '../../../tests/openenv/context.ts';
import { DEFAULT_CONFIG } from '../../config.ts';
import { Connection } from './connection.ts';
import { readReply } from './messages.ts';
import { OpenEnvPool } from './pool.ts';
import { pixelsOf, taskArea } from './screenshot.ts';

const LIMITS = { connect: 2000, message: 2000 };
let pool: OpenEnvPool | undefined;

afterEach(() => pool?.dispose());

/** @param manner  what the sessions shall be like, and a word of the test's own: tests/openenv/server.ts */
const server = (manner: string) => `${inject('openenv')}/${manner}/ws`;

async function open(manner: string, frames = 1, timeouts = LIMITS): Promise<OpenEnvPool> {
  const config = { ...DEFAULT_CONFIG, frames };
  pool = await OpenEnvPool.open({ container: document.body, addresses: [server(manner)], config, timeouts });
  return pool;
}

test('an episode is played as it was recorded: reset, a failed action, the right one', async () => {
  const { tasks, reset, step } = bound(await open('episode'));
  expect(tasks).toEqual(['click-test']);
  const first = await reset(0, 'click-test', 3);
  expect(first).toMatchObject({ reward: 0, rawReward: 0, done: false });
  expect(first.observation).toMatchObject({ goal: 'Click the button.', focusedBid: '', lastActionError: '' });
  expect(first.observation.axtree).toContain("[13] button 'Click Me!'");

  const failed = await step(0, "click('9999')");
  expect(failed.observation.lastAction).toBe("click('9999')");
  expect(failed.observation.lastActionError).toMatch(/^Error: /);
  expect(failed.done).toBe(false);

  const solved = await step(0, "click('13')");
  expect(solved).toMatchObject({ reward: 1, rawReward: 1, done: true });
  expect(solved.observation.axtree).toContain('focused');
});

test('a screenshot arrives as the task’s area at scale 1, and stands where a frame would', async () => {
  const { reset } = bound(await open('picture'));
  const { screenshot } = (await reset(0, 'click-test', 1)).observation;
  expect([screenshot!.width, screenshot!.height]).toEqual([160, 210]);
  const colour = (x: number, y: number) =>
    Array.from(screenshot!.data.slice((y * 160 + x) * 4, (y * 160 + x) * 4 + 3));
  expect(colour(80, 20), 'the instruction’s bar, 50 pixels high').toEqual([255, 255, 0]);
  expect(colour(80, 48)).toEqual([255, 255, 0]);
  expect(colour(80, 52)).toEqual([255, 255, 255]);
  expect(colour(158, 208)).toEqual([255, 255, 255]);
  const shown = document.querySelector<HTMLCanvasElement>('.frame-slot canvas')!;
  expect([...shown.getContext('2d')!.getImageData(80, 20, 1, 1).data]).toEqual([255, 255, 0, 255]);
});

test.each([1, 1.5, 2])('the area is found at device scale %d', scale => {
  const [width, height] = [332 * scale, 214 * scale];
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => (x < 160 * scale && y < 50 * scale ? [255, 255, 0] : [9, 9, 9])),
  );
  const { data } = taskArea(pixelsOf(rows));
  const at = (x: number, y: number) => data[(y * 160 + x) * 4];
  expect([at(158, 48), at(80, 52)]).toEqual([255, 9]);
});

test('a server with less room than frames gives as many slots as it has sessions', async () => {
  expect(await (await open('capacity-2/small', 4)).capacity()).toBe(2);
  await expect(Connection.open(server('capacity-2/small'), LIMITS)).rejects.toMatchObject({
    code: 'server-full',
    message: expect.stringMatching(/2\/2 sessions active.*MAX_CONCURRENT_ENVS/) as string,
  });
  pool!.dispose();
  // The sessions were closed, not left to the server's patience.
  await expect
    .poll(() =>
      Connection.open(server('capacity-2/small'), LIMITS).then(
        ({ connection }) => connection.close(),
        error => error,
      ),
    )
    .toBeUndefined();
});

test('a connection that breaks in mid-episode voids that episode alone, and the next one connects again', async () => {
  const { reset, step, failures } = bound(await open('drop-2/breaks', 2));
  await Promise.all([reset(0, 'click-test', 1), reset(1, 'click-test', 1)]);
  await step(0, 'noop()');
  await expect(step(0, 'noop()')).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'connection-lost',
  });
  await expect(async () => step(0, 'noop()')).rejects.toMatchObject({ code: 'not-reset' });
  expect((await step(1, "click('13')")).done).toBe(true);
  expect(failures.get('connection-lost')).toBe(1);
  await reset(0, 'click-test', 2);
  expect((await step(0, "click('13')")).reward).toBe(1);
});

test('an answer that is no message of the protocol ends the session, and the next episode has a new one', async () => {
  const { reset, step } = bound(await open('garbage-1/odd'));
  await reset(0, 'click-test', 1);
  await expect(step(0, 'noop()')).rejects.toMatchObject({
    code: 'bad-message',
    message: expect.stringMatching(/not JSON/) as string,
  });
  await reset(0, 'click-test', 1);
  expect((await step(0, "click('13')")).reward).toBe(1);
});

test('an environment that cannot step voids the episode: it is not an action that failed', async () => {
  const { reset, step } = bound(await open('fail-1/gone'));
  await reset(0, 'click-test', 1);
  await expect(step(0, 'noop()')).rejects.toMatchObject({
    code: 'server-error',
    message: expect.stringMatching(/browser is gone/) as string,
  });
});

test('slow answers are waited for, too slow ones given up, so that they are taken for no other’s', async () => {
  const slow = bound(await open('delay-100/slow'));
  await slow.reset(0, 'click-test', 1);
  expect((await slow.step(0, "click('13')")).reward).toBe(1);
  const limits = { connect: 2000, message: 150 };
  await expect(open('delay-400/too-slow', 1, limits)).rejects.toMatchObject({
    code: 'server-timeout',
    message: expect.stringMatching(/did not answer a state within 0\.15 s/) as string,
  });
});

test('where no server answers, it is said what to look at', async () => {
  await expect(Connection.open('ws://127.0.0.1:9/ws', LIMITS)).rejects.toMatchObject({
    code: 'server-unreachable',
    message: expect.stringMatching(/No OpenEnv server answers at ws:\/\/127\.0\.0\.1:9\/ws/) as string,
  });
});

test.each([
  ['{"type":"observation","data":{"observation":{"goal":"g"},"reward":0,"done":false}}', /no axtree_txt/],
  [
    '{"type":"observation","data":{"observation":{"goal":"g","axtree_txt":""},"reward":"1","done":false}}',
    /reward 1/,
  ],
  [
    '{"type":"observation","data":{"observation":{"goal":"g","axtree_txt":""},"reward":1}}',
    /whether the episode is done/,
  ],
  [
    '{"type":"observation","data":{"observation":{"goal":"g","axtree_txt":"","screenshot":"png"},"done":true}}',
    /no list/,
  ],
  ['{"type":"fly","data":{}}', /unknown type fly/],
  ['[]', /no content/],
  ['', /not JSON/],
])('%s is refused', (text, why) => {
  expect(() => readReply(text)).toThrow(why);
});

test.each([[[]], [[[1, 2]]], [[[[1, 2, 3]], []]], [[[[1, 2, 0.5]]]]])('%j is no screenshot', rows => {
  expect(() => pixelsOf(rows)).toThrow(/screenshot of the OpenEnv server/);
});

/** The pool's methods, to be called bare. */
function bound(opened: OpenEnvPool) {
  return {
    tasks: opened.tasks,
    failures: opened.failures,
    reset: opened.reset.bind(opened),
    step: opened.step.bind(opened),
  };
}
