import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { readTensor } from '../read.ts';
import { expectClose, onBothBackends } from '../testing.ts';
import type { BenchSizes, KernelCase } from './cases.ts';
import { benchKernels, GROUPS, inputsOf, runnable } from './run.ts';

const SIZES: BenchSizes = { batch: 2, length: 8, width: 16, heads: 2, kvHeads: 1, vocabulary: 32 };

/** The op's value and the composition's; null where there is none to compare with. */
async function valuesOf(one: KernelCase): Promise<ArrayLike<number>[] | null> {
  if (!('shapes' in one)) return [await one.fused(), await one.composed()];
  const { composed } = one;
  if (!composed) return null;
  const inputs = inputsOf(one.shapes);
  const outs = [one.fused, composed].map(op => tf.tidy(() => op(...inputs)));
  expect(outs[0].shape, one.name).toEqual(outs[1].shape);
  const values = await Promise.all(outs.map(out => readTensor(out)));
  tf.dispose([inputs, outs]);
  return values;
}

onBothBackends('what the bench compares computes the same', async () => {
  for (const make of GROUPS) {
    const group = make(SIZES);
    for (const one of runnable(group.cases)) {
      const values = await valuesOf(one);
      if (values) expectClose(values[0], values[1], 1e-4, one.name);
    }
    group.dispose();
  }
});

onBothBackends('the bench times every kernel', async backend => {
  const timings = await benchKernels(SIZES, 1);
  const names = timings.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('attention');
  expect(names.includes('headRotary')).toBe(backend === 'webgpu');
  for (const { name, fused, composed } of timings) {
    expect(fused, name).toBeGreaterThan(0);
    if (composed !== null) expect(composed, name).toBeGreaterThan(0);
  }
});
