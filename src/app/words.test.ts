import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { RunRow } from '../storage/schema.ts';
import { initialState, type SessionState } from '../session/state.ts';
import { bytes, count, duration, number, percent, roughDuration } from './format.ts';
import { cureOf, stateLine } from './wording.ts';

test('numbers are read with their units', () => {
  expect([duration(1.44), duration(59.7), duration(200), duration(7500), duration(NaN)]).toEqual([
    '1.4 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
    '',
  ]);
  expect([roughDuration(3), roughDuration(61)]).toEqual(['5 s', '2 min']);
  expect([bytes(900), bytes(1_234_567), bytes(2.5e9)]).toEqual(['0.9 kB', '1.2 MB', '2.5 GB']);
  expect([number(0.0005), number(-1.23456), number(1e-7), number(1234), number(NaN)]).toEqual([
    '0.0005',
    '−1.23',
    '1.0e-7',
    '1,234',
    '–',
  ]);
  expect([percent(0.424), percent(NaN), count(1, 'step'), count(3, 'step')]).toEqual([
    '42 %',
    '–',
    '1 step',
    '3 steps',
  ]);
});

const run: RunRow = {
  id: 'r',
  name: 'keen otter',
  createdAt: 0,
  updatedAt: 0,
  config: DEFAULT_CONFIG,
  status: 'running',
  step: 11,
  checkpointStep: 10,
  failure: '',
};

function state(change: Partial<SessionState>): SessionState {
  return { ...initialState(DEFAULT_CONFIG), run, ...change };
}

test('a run under way is one line: step, phase, pace, time left', () => {
  const phase = { phase: 'rolling-out' as const, step: 12, done: 23, total: 32, note: '', rate: 0 };
  expect(stateLine(state({ status: 'running', phase, secondsPerStep: 1.4 }))).toBe(
    'step 12 of 60 · trying 23 of 32 · 1.4 s a step · 2 min left',
  );
});

test('a finished run says from where to where it came', () => {
  const result = (step: number, success: number) => ({
    step,
    success,
    standardError: 0,
    interval: [0, 1] as [number, number],
    tasks: [{ task: 'click-test', episodes: 300, successes: 300 * success, failed: 0 }],
  });
  const evaluations = [result(0, 0.42), result(60, 0.93)];
  expect(stateLine(state({ status: 'finished', run: { ...run, step: 60 }, evaluations }))).toBe(
    'Finished at step 60: from 42 % to 93 % on 300 held-out pages.',
  );
});

test('each failure has its own cure', () => {
  const cure = (name: string, code: string, resumable = true) =>
    cureOf({ name, code, message: '' }, resumable)?.action;
  expect(cure('StorageError', 'storage-full')).toBe('runs');
  expect(cure('GpuError', 'no-adapter')).toBe('wasm');
  expect(cure('GpuError', 'out-of-memory')).toBe('smaller-group');
  expect(cure('GpuError', 'device-lost')).toBe('resume');
  expect(cure('GpuError', 'device-lost', false)).toBe('device');
  expect(cure('ModelFormatError', 'tensor-out-of-range')).toBe('nano');
  expect(cure('StorageError', 'model-missing')).toBe('nano');
  expect(cure('StorageError', 'storage-missing')).toBe('runs');
  expect(cure('TrainerError', 'loss-not-finite')).toBeUndefined();
});
