import { expect, test } from 'vitest';
import type { Sequence } from '../models/policy.ts';
import { microBatches, tokenBudget } from './rows.ts';

function row(promptLength: number, first: number, completionLength: number): { sequence: Sequence } {
  const ids = Int32Array.from({ length: promptLength }, (_, i) => first + i);
  return {
    sequence: { prompt: { ids, images: [], text: '' }, completion: new Int32Array(completionLength) },
  };
}

test('completions of one prompt share it in the budget, and stay together', () => {
  const a = [row(10, 0, 2), row(10, 0, 2), row(10, 0, 2)];
  const b = [row(10, 50, 2), row(10, 50, 2)];
  const mixed = [a[0], b[0], a[1], b[1], a[2]];
  // 10 + 3 · 2 and 10 + 2 · 2 tokens.
  expect(microBatches(mixed, 30)).toEqual([[...a, ...b]]);
  expect(microBatches(mixed, 29)).toEqual([[...a, b[0]], [b[1]]]);
});

test('a micro-batch has as many tokens as activation_memory_mb lets it, on any backend', () => {
  const info = { layers: 16, hiddenSize: 1024 };
  const budget = (activation_memory_mb: number | null, backend: 'webgpu' | 'wasm') =>
    tokenBudget(info, { activation_memory_mb, gradient_checkpointing: false }, backend);
  expect(budget(null, 'webgpu')).toBe(budget(2500, 'webgpu'));
  // Four turns of a 450M model's.
  expect(budget(null, 'webgpu')).toBeGreaterThanOrEqual(4 * 486);
  // Which runs on wasm are cut by, bit for bit.
  expect(budget(null, 'wasm')).toBe(Math.floor(300e6 / (4 * 1024 * 30 * 16)));
  expect(budget(80_000, 'webgpu') / budget(20_000, 'webgpu')).toBeCloseTo(4, 2);
  const again = { activation_memory_mb: 8000, gradient_checkpointing: true };
  // Sixteen layers' values against one layer's and the inputs of all.
  expect(tokenBudget(info, again, 'webgpu') / budget(8000, 'webgpu')).toBeGreaterThan(2.5);
});

test('a row beyond the budget has a micro-batch to itself', () => {
  const rows = [row(10, 0, 90), row(5, 0, 1)];
  expect(microBatches(rows, 20)).toEqual([[rows[0]], [rows[1]]]);
});

test('a prompt beyond the budget is still shared by its completions, up to a quarter of its length', () => {
  const rows = Array.from({ length: 8 }, () => row(100, 0, 4));
  expect(microBatches(rows, 90)).toEqual([rows.slice(0, 6), rows.slice(6)]);
});

test('every row is in exactly one micro-batch, whatever the budget', () => {
  const rows = Array.from({ length: 40 }, (_, i) => row(5 + (i % 7), i % 3, 1 + (i % 5)));
  for (const budget of [1, 17, 60, 1e9]) {
    const batched = microBatches(rows, budget).flat();
    expect(batched).toHaveLength(rows.length);
    expect(new Set(batched).size).toBe(rows.length);
  }
});
