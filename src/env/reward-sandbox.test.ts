/** Users' reward functions in real sandboxed frames. */
import { expect, test } from 'vitest';
import type { JudgedEpisode } from '../protocol.ts';
import { judgeEpisodes } from './reward-sandbox.ts';

const turn = { text: "click('1')", action: "click('1')", error: '', reward: 0, rawReward: 0, tokens: 5 };
const EPISODES: JudgedEpisode[] = [
  { task: 'click-test', seed: 1, goal: 'Click.', turns: [turn], rawReward: 1, success: true },
  { task: 'click-test', seed: 2, goal: 'Click.', turns: [turn, turn], rawReward: -1, success: false },
];
const judge = (source: string) => judgeEpisodes(document.body, source, EPISODES);

test('a function gives each episode a number, or leaves it out', async () => {
  expect(await judge('episode => episode.success ? 1 / episode.turns.length : null')).toEqual([1, null]);
  expect(
    await judge('function (e) { return e.turns.reduce((sum, t) => sum + t.tokens, 0); } // tokens'),
  ).toEqual([5, 10]);
  expect(document.querySelectorAll('iframe[sandbox][srcdoc*="unsafe-eval"]')).toHaveLength(0);
});

test.each([
  ['what throws', 'e => e.nothing.there', /TypeError/],
  ['what is no function', '42', /no function/],
  ['what is no JavaScript', 'e =>', /SyntaxError/],
  ['what returns a text', 'e => "high"', /string instead of a number/],
])('%s is told in a sentence', async (_, source, reason) => {
  await expect(judge(source)).rejects.toMatchObject({ code: 'reward-function', message: reason });
});

test('an endless function is ended, and reaches neither page nor network', async () => {
  await expect(judge('e => { for (;;); }')).rejects.toMatchObject({ message: /longer than 5 s/ });
  expect(await judge('e => typeof document === "undefined" && self.origin === "null" ? 1 : 0')).toEqual([
    1, 1,
  ]);
  await expect(
    judge(
      'e => { const r = new XMLHttpRequest(); r.open("GET", "http://localhost/", false); r.send(); return 1; }',
    ),
  ).rejects.toMatchObject({ message: /NetworkError|Failed to load/ });
});
