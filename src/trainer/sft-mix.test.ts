import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { Demonstration } from './demonstrations.ts';
import { drawTurns, episodesAt, isKeptBack, KEPT_BACK, mixture } from './sft-mix.ts';

const tasks = ['a', 'b'];
const settings = { ...DEFAULT_CONFIG, tasks, sft_demonstrations: 100, sft_batch_size: 1000, max_steps: 50 };

/** A turn an episode, the tasks taking turns, as they are collected. */
const turns = (episodes: number, of = tasks): Demonstration[] =>
  Array.from({ length: episodes }, (_, episode) => ({
    task: of[episode % of.length],
    episode,
    ids: new Int32Array(),
    images: [],
    completion: new Int32Array(),
  }));

const shareOf = (drawn: Demonstration[], wanted: (turn: Demonstration) => boolean): number =>
  drawn.filter(wanted).length / drawn.length;

/** Four standard errors of a share of 1000 draws. */
const NEAR = 0.064;

test('turns come from the tasks by their weights, and a task leaves the mixture at its target until it falls below', () => {
  const there = { collected: turns(200), recorded: [] };
  const isA = (turn: Demonstration) => turn.task === 'a';
  const weighted = drawTurns({ ...settings, task_weights: [3, 1] }, 50, there, {});
  expect(Math.abs(shareOf(weighted, isA) - 0.75)).toBeLessThan(NEAR);

  const stopping = { ...settings, sft_target: 0.9 };
  const at = (a: number, b: number) => ({ a: { success: a, episodes: 16 }, b: { success: b, episodes: 16 } });
  expect(shareOf(drawTurns(stopping, 50, there, at(0.95, 0.5)), isA)).toBe(0);
  expect(Math.abs(shareOf(drawTurns(stopping, 50, there, at(0.89, 0.5)), isA) - 0.5)).toBeLessThan(NEAR);
  // When all have reached it, all are learnt on.
  expect(mixture(stopping, at(0.95, 0.92))).toEqual([1, 1]);
  expect(mixture(settings, at(1, 1))).toEqual([1, 1]);
});

test('with a target, the first episodes of each task are kept back and never learnt from', () => {
  const stopping = { ...settings, sft_target: 0.9 };
  const drawn = drawTurns(stopping, 50, { collected: turns(200), recorded: [] }, {});
  expect(Math.min(...drawn.map(turn => turn.episode))).toBe(KEPT_BACK * tasks.length);
  expect(isKeptBack({ ...stopping, sft_demonstrations: 2 * KEPT_BACK }, 0)).toBe(false);
});

test('a step draws from the episodes that are due by then, which depends on the step alone', () => {
  const there = { collected: turns(200), recorded: [] };
  for (const step of [1, 20, 50]) {
    const last = Math.max(...drawTurns(settings, step, there, {}).map(turn => turn.episode));
    expect(last).toBeLessThan(episodesAt(settings, step));
    const fewer = { collected: turns(episodesAt(settings, step)), recorded: [] };
    expect(drawTurns(settings, step, fewer, {})).toEqual(drawTurns(settings, step, there, {}));
  }
  expect(episodesAt(settings, 50)).toBe(200);
});

test('a person’s demonstrations are drawn by their share, where there are any', () => {
  const recorded = turns(3, ['a']);
  const there = { collected: turns(200), recorded };
  const byPerson = (turn: Demonstration) => recorded.includes(turn);
  for (const share of [0, 0.3, 1]) {
    const drawn = drawTurns({ ...settings, sft_recorded_share: share }, 50, there, {});
    const ofA = drawn.filter(turn => turn.task === 'a');
    expect(Math.abs(shareOf(ofA, byPerson) - share)).toBeLessThanOrEqual(share % 1 ? 1.5 * NEAR : 0);
    expect(drawn.filter(turn => turn.task === 'b').some(byPerson)).toBe(false);
    expect(Math.abs(ofA.length / drawn.length - 0.5)).toBeLessThan(NEAR);
  }
  // Without an oracle's, all of a task's are a person's.
  expect(drawTurns(settings, 1, { collected: [], recorded }, {}).every(byPerson)).toBe(true);
});

test('of demonstrations that were kept, the first step may draw from all', () => {
  const there = { collected: turns(200), recorded: [] };
  const last = (all: boolean): number =>
    Math.max(...drawTurns(settings, 1, { ...there, all }, {}).map(turn => turn.episode));
  expect(last(false)).toBeLessThan(episodesAt(settings, 1));
  expect(last(true)).toBeGreaterThan(episodesAt(settings, 40));
});
