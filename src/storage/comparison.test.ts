import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import type { EvaluationResult } from '../protocol.ts';
import { curves, differences, outcomes, toComparisonCsv, type ComparedRun } from './comparison.ts';

function evaluation(step: number, successes: number): EvaluationResult {
  const tasks = [{ task: 'click-test', episodes: 10, successes, failed: 0 }];
  return { step, tasks, success: successes / 10, standardError: 0.1, interval: [0.1, 0.9] };
}

function compared(name: string, config: Partial<RunConfig>, losses: Record<number, number>): ComparedRun {
  const rows = Object.entries(losses).map(([step, loss]) => ({
    runId: name,
    step: Number(step),
    metrics: { loss, step_time: 2 },
    time: 0,
  }));
  return {
    run: {
      id: name,
      name,
      createdAt: 0,
      updatedAt: 0,
      config: { ...DEFAULT_CONFIG, ...config },
      status: 'finished',
      step: rows.length,
      checkpointStep: -1,
      failure: '',
    },
    metrics: rows,
    evaluations: [evaluation(0, 2), evaluation(2, 8), evaluation(3, 5)],
  };
}

const runs = [
  compared('keen otter', { seed: 1, tasks: ['click-test', 'focus-text'] }, { 1: 0.5, 2: 0.25 }),
  compared('wry, owl', { seed: 2, tasks: ['click-test'] }, { 2: 0.125, 3: 1e-7 }),
];

test('of the settings only those are shown in which the runs differ', () => {
  expect(differences(runs)).toEqual([
    { name: 'seed', values: ['1', '2'] },
    { name: 'tasks', values: ['click-test + focus-text', 'click-test'] },
  ]);
  expect(differences([runs[0], runs[0]])).toEqual([]);
});

test('curves share their steps, with a gap where a run has no point', () => {
  expect(curves(runs, 'loss')).toEqual({
    steps: [1, 2, 3],
    values: [
      [0.5, 0.25, NaN],
      [NaN, 0.125, 1e-7],
    ],
  });
  expect(curves(runs, null).steps).toEqual([0, 2, 3]);
});

test('each run is judged by its first, last and best evaluation, with intervals', () => {
  const rows = new Map(outcomes(runs).map(({ name, values }) => [name, values[0]]));
  expect(rows.get('held-out success at the start')).toBe('0.200 [0.100, 0.900]');
  expect(rows.get('held-out success at the end')).toBe('0.500 [0.100, 0.900]');
  expect(rows.get('held-out success at its best')).toBe('0.800 [0.100, 0.900]');
  expect(rows.get('seconds in steps')).toBe('4');
  expect(rows.has('sampled, at the end')).toBe(false);
});

test('the CSV has a column a run, every digit, and quotes where a name needs them', () => {
  const lines = toComparisonCsv(runs).trim().split('\r\n');
  expect(lines[0]).toBe('kind,name,step,keen otter,"wry, owl"');
  expect(lines).toContain('setting,seed,,1,2');
  expect(lines).toContain('metric,loss,1,0.5,');
  expect(lines).toContain('metric,loss,3,,1e-7');
  expect(lines).toContain('evaluation,held-out success,2,0.8,0.8');
});
