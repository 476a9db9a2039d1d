/** The files that other tools read. What Python's own readers make of them is in docs/grpo.md. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../../config.ts';
import { toCsv } from './csv.ts';
import { pointsOf, type TrackedRun } from './points.ts';
import { toTensorBoard } from './tensorboard.ts';
import { toTrackio } from './trackio.ts';

const rate = (successes: number) => ({
  success: successes / 4,
  standardError: 0,
  interval: [0, 1] as [number, number],
  tasks: [{ task: 'click, "test"', episodes: 4, successes, failed: 0 }],
});
const run: TrackedRun = {
  id: 'run-1',
  name: 'brave-otter',
  config: DEFAULT_CONFIG,
  points: pointsOf(
    [
      { runId: 'run-1', step: 1, time: 2000, metrics: { reward: 0.5, 'clip_ratio/low_mean': NaN } },
      { runId: 'run-1', step: 300, time: 3000, metrics: { reward: 1 } },
    ],
    [
      { runId: 'run-1', step: 0, result: { step: 0, ...rate(1) } },
      { runId: 'run-1', step: 300, result: { step: 300, ...rate(4), sampled: rate(2) } },
    ],
    1000,
  ),
};

test('points carry prefixes, and evaluations the time of their step', () => {
  expect(run.points.map(({ step, time }) => [step, time])).toEqual([
    [0, 1000],
    [1, 2000],
    [300, 3000],
    [300, 3000],
  ]);
  expect(run.points[1].metrics['train/reward']).toBe(0.5);
  expect(run.points[3].metrics['eval/sampled_success']).toBe(0.5);
});

test('CSV has one row a step and quotes what needs it', () => {
  const lines = toCsv(run).split('\r\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toContain('"eval/success/click, ""test""",train/reward');
  expect(lines[2]).toBe('1,1970-01-01T00:00:02.000Z,,,0.5,NaN,,');
  expect(lines[3]).toBe('300,1970-01-01T00:00:03.000Z,1,1,1,,0.5,0.5');
});

test("trackio's lines are JSON with its own words for what JSON lacks, and the configuration once", () => {
  const lines = toTrackio(run, 'browser-grpo')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ v, kind, step, log_id }) => [v, kind, step, log_id])).toEqual([
    [1, 'metric', 0, 'run-1-0'],
    [1, 'metric', 1, 'run-1-1'],
    [1, 'metric', 300, 'run-1-2'],
    [1, 'metric', 300, 'run-1-3'],
  ]);
  expect(lines[1].metrics).toEqual({ 'train/reward': 0.5, 'train/clip_ratio/low_mean': 'NaN' });
  expect(lines.map(({ config }) => config !== null)).toEqual([true, false, false, false]);
});

test('TensorBoard records frame their events, with the check sums that its reader demands', () => {
  const bytes = toTensorBoard(run);
  const view = new DataView(bytes.buffer);
  // The first record is the version: 24 bytes of data, whose masked CRC-32C tensorflow writes as here.
  const length = Number(view.getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(12, 12 + length));
  expect(text).toContain('brain.Event:2');
  let records = 0;
  for (let at = 0; at < bytes.length; records++) at += 16 + Number(view.getBigUint64(at, true));
  expect(records).toBe(5);
  expect(new TextDecoder().decode(bytes)).toContain('train/reward');
});
