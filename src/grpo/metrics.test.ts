/** Adding up what micro-batches report. */
import { expect, test } from 'vitest';
import { averageWindow, completionMetrics, MetricAccumulator, reading, tokenMean } from './metrics.ts';

test('means over micro-batches are weighted by their tokens', () => {
  const metrics = new MetricAccumulator();
  metrics.add([tokenMean('entropy', [1, 1, 1, 9], [1, 1, 1, 0])]);
  metrics.add([tokenMean('entropy', [5], [1])]);
  expect(metrics.values()).toEqual({ entropy: 2 });
});

test('extremes stay extremes', () => {
  const metrics = new MetricAccumulator();
  for (const values of [[0.3, NaN], [0.1, 0.9], []]) {
    metrics.add([
      reading('low', 'min', values),
      reading('high', 'max', values),
      reading('mean', 'mean', values),
    ]);
  }
  const values = metrics.values();
  expect(values).toMatchObject({ low: 0.1, high: 0.9 });
  expect(values.mean).toBeCloseTo(1.3 / 3, 12);
});

test('a name without values is not reported, and clearing forgets', () => {
  const metrics = new MetricAccumulator();
  metrics.add([tokenMean('kl', [1], [0]), reading('a', 'mean', [1])]);
  expect(metrics.values()).toEqual({ a: 1 });
  metrics.clear();
  expect(metrics.values()).toEqual({});
});

test('a window leaves out steps that are NaN or silent', () => {
  const window = averageWindow([{ reward: 1, kl: 4 }, { reward: NaN }, { reward: 3, raw: NaN }]);
  expect(window.reward).toBe(2);
  expect(window.kl).toBe(4);
  expect(window.raw).toBeNaN();
});

test('lengths of replies, and of those that ended by themselves', () => {
  const metrics = completionMetrics([
    { length: 4, terminated: true },
    { length: 8, terminated: true },
    { length: 32, terminated: false },
    { length: 32, terminated: false },
  ]);
  expect(metrics).toEqual({
    'completions/mean_length': 19,
    'completions/min_length': 4,
    'completions/max_length': 32,
    'completions/clipped_ratio': 0.5,
    'completions/mean_terminated_length': 6,
    'completions/min_terminated_length': 4,
    'completions/max_terminated_length': 8,
  });
});

test('terminated lengths are 0 when every reply was cut off', () => {
  expect(completionMetrics([{ length: 32, terminated: false }])).toMatchObject({
    'completions/clipped_ratio': 1,
    'completions/mean_terminated_length': 0,
  });
});
