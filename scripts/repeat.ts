/** A run that was recorded, done again: its file, and whether the numbers come out the same. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeOrigin, readRunRecord, type RunRecord } from '../src/storage/export/run-record.ts';

/** A line of metrics.jsonl. */
export type MetricLine = Record<string, number>;

/** What a clock says, and what an export adds to say when. */
const CLOCK = new Set(['step_time', 'time', 'gpu_memory_mb']);

export interface RecordedRun {
  record: RunRecord;
  /** The steps that were recorded; empty where no metrics.jsonl lies beside run.json or above it. */
  metrics: MetricLine[];
}

/** @throws {Error} when there is no such file; what readRunRecord throws. */
export function readRecordedRun(path: string): RecordedRun {
  if (!existsSync(path))
    throw new Error(`${path} is not there. --run takes the run.json of an exported run.`);
  const record = readRunRecord(path, readFileSync(path, 'utf8'));
  const folder = dirname(path);
  const file = [folder, dirname(folder)].map(where => join(where, 'metrics.jsonl')).find(existsSync);
  return { record, metrics: file === undefined ? [] : readMetrics(file) };
}

export function readMetrics(path: string): MetricLine[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map(line => JSON.parse(line) as MetricLine);
}

/** What was recorded of the run's making, and what may keep it from coming out the same. */
export function introduction({ record, metrics }: RecordedRun): string[] {
  const { name, step, sessions, config } = record;
  const origin = describeOrigin(record);
  const lines = [
    `run “${name}” again: ${step} of ${config.max_steps} steps${origin && `, made by ${origin}`}`,
  ];
  const lengths = new Set(sessions.map(session => session.maxSteps));
  if (lengths.size > 1)
    lines.push(
      `note: max_steps was changed on the way (${[...lengths].join(', then ')}); the learning rate follows it, so the first steps may differ.`,
    );
  if (metrics.length === 0) lines.push('note: there is no metrics.jsonl beside it to compare with.');
  return lines;
}

/** The first number that differs, in words; null when every recorded step that was taken again is the same to the last bit. */
export function firstDifference(
  recorded: readonly MetricLine[],
  repeated: readonly MetricLine[],
): string | null {
  const again = new Map(repeated.map(line => [line.step, line]));
  for (const before of recorded) {
    const after = again.get(before.step);
    if (!after) continue;
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (CLOCK.has(name) || Object.is(before[name], after[name])) continue;
      return `step ${before.step}: ${name} was ${before[name] ?? 'absent'} and is ${after[name] ?? 'absent'}`;
    }
  }
  return null;
}
