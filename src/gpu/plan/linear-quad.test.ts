import { beforeAll, expect, test } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { startBackend } from '../start.ts';
import { linearForm } from './linear-form.ts';
import { branch, computesLikeReference, NORM, PLAIN } from './linear.testing.ts';
import type { StepLinear } from './linear.wgsl.ts';

beforeAll(async () => {
  await startBackend('webgpu');
});

/** Every input and end, sizes that quads divide and others, more sequences than a tile. */
const CASES: [name: string, o: Omit<StepLinear, 'form'>, sequences: number][] = [
  [
    'query, key and value with branches of their own',
    {
      ...PLAIN,
      format: 'f16',
      input: NORM,
      outputs: [24, 12, 12],
      columns: 136,
      tile: 4,
      lora: [branch(3), branch(0), branch(8, 0.5)],
    },
    3,
  ],
  [
    'odd outputs, more than a tile of sequences',
    { ...PLAIN, input: NORM, outputs: [7, 35, 9], columns: 36, tile: 8, residual: true },
    11,
  ],
  [
    'a gated pair, integers',
    {
      ...PLAIN,
      format: 'int4',
      input: NORM,
      outputs: [21, 21],
      columns: 96,
      gated: true,
      tile: 4,
      lora: [branch(2), branch(4)],
    },
    5,
  ],
  [
    'a convolution that remembers',
    {
      ...PLAIN,
      input: { kind: 'conv', taps: 5 },
      outputs: [36],
      columns: 72,
      tile: 8,
      residual: true,
      lora: [branch(8)],
    },
    9,
  ],
  ['one sequence, nothing added', { ...PLAIN, format: 'int8', outputs: [40], columns: 160, tile: 4 }, 1],
];

for (const [name, o, sequences] of CASES)
  test(`a linear step of quads computes what float64 does: ${name}`, async () => {
    if (!gpuBackend()!.gpu.features.includes('subgroups')) return;
    const form = linearForm(
      { software: true, subgroups: true },
      { outputs: 0, columns: o.columns, gated: o.gated, tile: o.tile },
    );
    expect(form.quad).toBe(true);
    await computesLikeReference({ ...o, form }, sequences);
  });
