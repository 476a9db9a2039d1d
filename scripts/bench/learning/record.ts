/** The file of an experiment: every run's success over its steps, kept so that a figure can be drawn again. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EvaluationResult, SuccessRate } from '../../../src/protocol.ts';
import type { Experiment } from './experiments.ts';

export interface CurvePoint {
  step: number;
  /** Of all steps so far, evaluations not counted. */
  seconds: number;
  /** Share of held-out episodes solved, greedy; over `eval_tasks` where the experiment has some. */
  success: number;
  tasks: Record<string, [successes: number, episodes: number]>;
}

export interface LearningRun {
  variant: string;
  seed: number;
  points: CurvePoint[];
}

export interface LearningRecord {
  question: string;
  over: Experiment['over'];
  command: string;
  date: string;
  device: string;
  runs: LearningRun[];
}

/** @param stepSeconds  of each step, the first at index 0. */
export function curveOf(
  evaluations: readonly EvaluationResult[],
  stepSeconds: readonly number[],
): CurvePoint[] {
  return evaluations.map(result => {
    const rate: SuccessRate = result.unseen ?? result;
    return {
      step: result.step,
      seconds: stepSeconds.slice(0, result.step).reduce((sum, seconds) => sum + seconds, 0),
      success: rate.success,
      tasks: Object.fromEntries(
        rate.tasks.map(({ task, successes, episodes }) => [task, [successes, episodes]]),
      ),
    };
  });
}

export function readRecord(file: string): LearningRecord | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LearningRecord) : null;
}

export function writeRecord(file: string, record: LearningRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(record, null, 1) + '\n');
}
