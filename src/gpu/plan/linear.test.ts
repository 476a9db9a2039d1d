import { beforeAll, expect, test } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { startBackend } from '../start.ts';
import { computesLow, linearForm } from './linear-form.ts';
import { branch, computesLikeReference, NORM, PLAIN } from './linear.testing.ts';
import type { StepLinear } from './linear.wgsl.ts';

beforeAll(async () => {
  await startBackend('webgpu');
});

type Case = [
  name: string,
  o: Omit<StepLinear, 'form'>,
  threads: number,
  rows: number,
  sequences: number,
  teams?: number,
];

const CASES: Case[] = [
  [
    'query, key and value with branches of their own, rows of a team in one matrix',
    {
      ...PLAIN,
      format: 'f16',
      input: NORM,
      outputs: [24, 12, 12],
      columns: 136,
      lora: [branch(3), branch(0), branch(2, 0.5)],
      ownLow: true,
    },
    64,
    4,
    1,
  ],
  [
    'matrices that share a team, odd sizes',
    { ...PLAIN, input: NORM, outputs: [7, 5, 9], columns: 37, tile: 2, lora: [], residual: true },
    16,
    2,
    3,
  ],
  [
    'a gated pair, integers, more sequences than teams',
    {
      ...PLAIN,
      format: 'int4',
      input: NORM,
      outputs: [21, 21],
      columns: 96,
      gated: true,
      tile: 4,
      lora: [branch(2), branch(3)],
      ownLow: true,
    },
    128,
    1,
    5,
  ],
  [
    'a convolution that remembers, with branches found in a buffer',
    {
      ...PLAIN,
      input: { kind: 'conv', taps: 3 },
      outputs: [19],
      columns: 72,
      tile: 2,
      residual: true,
      lora: [branch(5)],
    },
    32,
    4,
    2,
  ],
  [
    'a convolution of odd size with branches of its own',
    {
      ...PLAIN,
      input: { kind: 'conv', taps: 4 },
      outputs: [9],
      columns: 37,
      lora: [branch(5)],
      ownLow: true,
    },
    16,
    1,
    2,
  ],
  [
    'teams that are no power of two, more than sequences',
    {
      ...PLAIN,

      input: NORM,
      outputs: [40, 40],
      columns: 264,
      gated: true,
      tile: 8,
      lora: [branch(8), branch(8)],
      ownLow: true,
    },
    16,
    3,
    3,
    12,
  ],
  [
    'few rows, a whole workgroup each',
    { ...PLAIN, outputs: [3], columns: 2056, tile: 8, residual: true },
    256,
    1,
    8,
  ],
];

for (const [name, o, threads, rows, sequences, teams = 256 / threads] of CASES)
  // Workgroup memory alone takes a software adapter longest: there, the cases that differ most.
  for (const subgroups of o.format === 'f32' ? [true] : [true, false])
    test(`a linear step computes what float64 does, ${subgroups ? 'quads first' : 'workgroup memory alone'}: ${name}`, async () => {
      if (subgroups && !gpuBackend()!.gpu.features.includes('subgroups')) return;
      const form = { rows, threads, teams, subgroups };
      await computesLikeReference({ ...o, form }, sequences);
    });

test('the forms of real layers: no thread walks far, there are workgroups enough, and small ranks need no dispatch', () => {
  const gpu = { software: false, subgroups: true };
  for (const tile of [1, 8])
    for (const [outputs, columns, gated, ranks] of [
      [4608, 1024, true, 16],
      [3072, 1024, false, 8],
      [2048, 1024, false, 24],
      [1024, 1024, false, 8],
      [1024, 4608, false, 8],
      [8192, 2048, true, 16],
      [2048, 8192, false, 8],
    ] as const) {
      const sizes = { outputs, columns, gated, tile };
      const form = linearForm(gpu, sizes);
      expect(form.threads * form.teams).toBeGreaterThanOrEqual(192);
      expect(form.threads * form.teams).toBeLessThanOrEqual(256);
      expect(columns / 8 / form.threads).toBeLessThanOrEqual(16);
      expect(outputs / form.rows / form.teams).toBeGreaterThanOrEqual(128);
      expect(computesLow(form, sizes, ranks)).toBe(true);
      expect(computesLow(form, sizes, 64 * ranks)).toBe(false);
    }
});
