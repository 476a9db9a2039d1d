/** A run's numbers over its steps, under the names that TRL's runs have in trackio and TensorBoard. */
import type { EvaluationRow, MetricRow } from '../../schema.ts';
import type { RunConfig } from '../../../config.ts';

/** One moment of a run. */
export interface Point {
  step: number;
  /** Unix time, ms. */
  time: number;
  /** `train/reward`, `eval/success/click-button`, … */
  metrics: Record<string, number>;
}

export interface TrackedRun {
  id: string;
  name: string;
  config: RunConfig;
  /** In the order of their steps; an evaluation comes after the step that it evaluates. */
  points: Point[];
}

/**
 * Metrics get transformers' prefixes `train/` and `eval/`. An evaluation has no time of its own: it takes that of its step,
 * or of the run's start.
 */
export function pointsOf(
  metrics: readonly MetricRow[],
  evaluations: readonly EvaluationRow[],
  createdAt: number,
): Point[] {
  const timeOf = new Map(metrics.map(({ step, time }) => [step, time]));
  const train = metrics.map(({ step, time, metrics: values }) => ({
    step,
    time,
    metrics: Object.fromEntries(Object.entries(values).map(([name, value]) => [`train/${name}`, value])),
  }));
  const evaluated = evaluations.map(({ step, result }) => {
    const rates = {
      '': result,
      ...(result.unseen && { unseen_: result.unseen }),
      ...(result.sampled && { sampled_: result.sampled }),
    };
    const values: Record<string, number> = {};
    for (const [prefix, { success, tasks }] of Object.entries(rates)) {
      values[`eval/${prefix}success`] = success;
      for (const { task, successes, episodes } of tasks) {
        if (episodes > 0) values[`eval/${prefix}success/${task}`] = successes / episodes;
      }
    }
    return { step, time: timeOf.get(step) ?? createdAt, metrics: values };
  });
  return [...train, ...evaluated].sort((a, b) => a.step - b.step);
}
