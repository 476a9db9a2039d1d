/** Mixtures and curricula. */
import { expect, test } from 'vitest';
import { drawTask, isWeighted, taskWeights, withEpisodes, type Progress } from './curriculum.ts';

const config = {
  tasks: ['a', 'b', 'c'],
  task_weights: null,
  curriculum: 'none' as const,
  curriculum_threshold: 0.8,
};
const done = (success: number): Progress[string] => ({ success, episodes: 100 });

test('without weights and curriculum, tasks take turns', () => {
  expect(isWeighted(config)).toBe(false);
  expect(isWeighted({ ...config, task_weights: [1, 2, 3] })).toBe(true);
  expect(isWeighted({ ...config, curriculum: 'order' })).toBe(true);
});

test('draws fall on tasks in proportion to their weights, and never on a weight of 0', () => {
  const weighted = { ...config, task_weights: [1, 0, 3] };
  const draws = Array.from({ length: 400 }, (_, i) => drawTask(weighted, {}, (i + 0.5) / 400));
  expect(['a', 'b', 'c'].map(task => draws.filter(one => one === task).length)).toEqual([100, 0, 300]);
  expect(drawTask(weighted, {}, 1 - 1e-12)).toBe('c');
});

test('by order, a task opens when those before it are mastered', () => {
  const ordered = { ...config, curriculum: 'order' as const };
  expect(taskWeights(ordered, {})).toEqual([1, 0, 0]);
  expect(taskWeights(ordered, { a: done(0.7) })).toEqual([1, 0, 0]);
  expect(taskWeights(ordered, { a: done(0.9) })).toEqual([1, 1, 0]);
  // One lucky group proves nothing.
  expect(taskWeights(ordered, { a: done(0.9), b: { success: 1, episodes: 8 } })).toEqual([1, 1, 0]);
  expect(taskWeights(ordered, { a: done(0.9), b: done(0.8) })).toEqual([1, 1, 1]);
});

test('by success, what is half solved comes most and nothing is forgotten', () => {
  const weights = taskWeights(
    { ...config, curriculum: 'success' },
    { a: done(1), b: done(0.5), c: done(0.1) },
  );
  expect(weights[0]).toBe(0.05);
  expect(weights[1]).toBe(1);
  expect(weights[2]).toBeCloseTo(0.36, 12);
});

test('progress is a mean at first, then follows the latest episodes', () => {
  const lost = Array.from({ length: 10 }, () => ({ task: 'a', success: false }));
  const won = Array.from({ length: 10 }, () => ({ task: 'a', success: true }));
  const half = withEpisodes(withEpisodes({}, lost), won);
  expect(half.a.success).toBeCloseTo(0.5, 12);
  const later = withEpisodes(
    half,
    Array.from({ length: 200 }, () => won[0]),
  );
  expect(later.a).toEqual({ success: expect.closeTo(1, 1), episodes: 220 });
});
