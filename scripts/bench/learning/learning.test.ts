import { expect, test } from 'vitest';
import { validateConfig } from '../../../src/config/validate.ts';
import type { EvaluationResult } from '../../../src/protocol.ts';
import { EXPERIMENTS } from './experiments.ts';
import { curvesOf, figure } from './figure.ts';
import { curveOf, type LearningRecord } from './record.ts';

for (const [name, { config, variants }] of Object.entries(EXPERIMENTS)) {
  test(`experiment ${name} has settings that a run takes, and variants that differ`, () => {
    const whole = variants.map(variant => JSON.stringify(validateConfig({ ...config, ...variant.config })));
    expect(new Set(whole).size).toBe(variants.length);
    expect(new Set(variants.map(({ label }) => label)).size).toBe(variants.length);
  });
}

const rate = (success: number): EvaluationResult => ({
  step: 0,
  success,
  interval: [0, 1],
  standardError: 0,
  tasks: [{ task: 'click-test', episodes: 10, successes: 10 * success, failed: 0 }],
});

test('a curve has the seconds of the steps before each evaluation, and unseen tasks where there are some', () => {
  const evaluations = [
    { ...rate(0.1), step: 0 },
    { ...rate(0.2), step: 2 },
    { ...rate(0.3), step: 4, unseen: rate(0.9) },
  ];
  expect(curveOf(evaluations, [1, 2, 4, 8])).toMatchObject([
    { step: 0, seconds: 0, success: 0.1, tasks: { 'click-test': [1, 10] } },
    { step: 2, seconds: 3, success: 0.2 },
    { step: 4, seconds: 15, success: 0.9 },
  ]);
});

const record: LearningRecord = {
  question: 'Is 1 < 2?',
  over: 'steps',
  command: 'none',
  date: '2026-11-28',
  device: 'this one',
  runs: [
    ['a', 1, [0, 1]],
    ['a', 2, [0.5, 0.5]],
    ['b', 1, [0.25]],
  ].map(([variant, seed, rates]) => ({
    variant: variant as string,
    seed: seed as number,
    points: (rates as number[]).map((success, i) => ({ step: 10 * i, seconds: i, success, tasks: {} })),
  })),
};

test('the seeds of a variant make a mean and a band, also where one ended early', () => {
  expect(curvesOf(record)).toEqual([
    {
      label: 'a',
      seeds: 2,
      points: [
        { x: 0, low: 0, mean: 0.25, high: 0.5 },
        { x: 10, low: 0.5, mean: 0.75, high: 1 },
      ],
    },
    { label: 'b', seeds: 1, points: [{ x: 0, low: 0.25, mean: 0.25, high: 0.25 }] },
  ]);
});

test('the figure draws them to scale, and shows what it was made with', () => {
  const svg = figure(record);
  expect(svg).toContain('Is 1 &lt; 2?');
  expect(svg).toContain('a, 2 seeds');
  // 0.25 and 0.75 of the height between 334 (0 %) and 40 (100 %); the left edge and the right one.
  expect(svg).toContain('<path d="M56 260.5L704 113.5"');
});
