/** Runs side by side: their curves over common steps, the settings in which they differ, where each ended, all as CSV. */
import type { RunConfig } from '../config.ts';
import { FIELD_PATHS, readField } from '../config/fields.ts';
import type { EvaluationResult, SuccessRate } from '../protocol.ts';
import { toRows } from './export/tracking/csv.ts';
import { evaluationsOf, metricsOf } from './metrics.ts';
import type { MetricRow, RunRow } from './schema.ts';

export interface ComparedRun {
  run: RunRow;
  metrics: MetricRow[];
  evaluations: EvaluationResult[];
}

/** One line of a table: a value for each run, '' where it has none. */
export interface ComparedValue {
  name: string;
  values: string[];
}

/** One curve for each run over the steps of them all, NaN where a run has no point. */
export interface ComparedCurves {
  steps: number[];
  values: number[][];
}

/** What is stored of a run. */
export async function loadCompared(run: RunRow): Promise<ComparedRun> {
  const [metrics, evaluations] = await Promise.all([metricsOf(run.id), evaluationsOf(run.id)]);
  return { run, metrics, evaluations: evaluations.map(row => row.result) };
}

/** The settings in which the runs are not all alike, and the device or versions where those are not. */
export function differences(runs: readonly ComparedRun[]): ComparedValue[] {
  const setting = (path: (typeof FIELD_PATHS)[number]): ComparedValue => ({
    name: path,
    values: runs.map(({ run }) => written(readField(run.config as RunConfig, path))),
  });
  const made = ['device', 'browser-grpo', '@tensorflow/tfjs-core', 'browser'].map(name => ({
    name,
    values: runs.map(({ run }) => computedWith(run)[name] ?? ''),
  }));
  return [...FIELD_PATHS.map(setting), ...made].filter(({ values }) => new Set(values).size > 1);
}

/** Where each run stands: success with its 95% interval, and the last value of every metric. */
export function outcomes(runs: readonly ComparedRun[]): ComparedValue[] {
  const success = (name: string, of: (run: ComparedRun) => SuccessRate | undefined): ComparedValue => ({
    name,
    values: runs.map(run => rate(of(run))),
  });
  const names = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics.at(-1)?.metrics ?? {})))];
  const rows = [
    { name: 'steps', values: runs.map(({ run, metrics }) => `${metrics.length} of ${run.config.max_steps}`) },
    success('held-out success at the start', ({ evaluations }) => evaluations[0]),
    success('held-out success at the end', ({ evaluations }) => evaluations.at(-1)),
    success('held-out success at its best', ({ evaluations }) => best(evaluations)),
    success('sampled, at the end', ({ evaluations }) => evaluations.at(-1)?.sampled),
    success('unseen tasks, at the end', ({ evaluations }) => evaluations.at(-1)?.unseen),
    {
      name: 'seconds in steps',
      values: runs.map(({ metrics }) => {
        const seconds = metrics.reduce((sum, row) => sum + (row.metrics.step_time ?? 0), 0);
        return metrics.length > 0 ? String(Number(seconds.toPrecision(3))) : '';
      }),
    },
    ...names.map(name => ({
      name,
      values: runs.map(({ metrics }) => written(metrics.at(-1)?.metrics[name])),
    })),
  ];
  return rows.filter(({ values }) => values.some(Boolean));
}

/** @param name  of a metric, or null for held-out success. */
export function curves(runs: readonly ComparedRun[], name: string | null): ComparedCurves {
  const points = runs.map(({ metrics, evaluations }) =>
    name === null
      ? new Map(evaluations.map(({ step, success }) => [step, success]))
      : new Map(metrics.flatMap(row => (name in row.metrics ? [[row.step, row.metrics[name]]] : []))),
  );
  const steps = [...new Set(points.flatMap(own => [...own.keys()]))].sort((a, b) => a - b);
  return { steps, values: points.map(own => steps.map(step => own.get(step) ?? NaN)) };
}

/** The whole comparison: a column a run; settings, outcomes, then every metric step by step. */
export function toComparisonCsv(runs: readonly ComparedRun[]): string {
  const table = (kind: string, rows: ComparedValue[]) =>
    rows.map(({ name, values }) => [kind, name, '', ...values]);
  const metrics = [...new Set(runs.flatMap(run => run.metrics.flatMap(row => Object.keys(row.metrics))))];
  const lines = (kind: string, name: string, { steps, values }: ComparedCurves) =>
    steps.map((step, i) => [kind, name, step, ...values.map(own => written(own[i]))]);
  return toRows([
    ['kind', 'name', 'step', ...runs.map(({ run }) => run.name)],
    ...table('setting', differences(runs)),
    ...table('outcome', outcomes(runs)),
    ...lines('evaluation', 'held-out success', curves(runs, null)),
    ...metrics.flatMap(name => lines('metric', name, curves(runs, name))),
  ]);
}

function computedWith({ sessions = [] }: RunRow): Record<string, string> {
  const [first] = sessions;
  if (!first) return {};
  const { device, software } = first;
  return {
    device: `${device.backend} on ${device.name}`,
    browser: software.userAgent,
    ...software.versions,
  };
}

function best(evaluations: readonly EvaluationResult[]): EvaluationResult | undefined {
  return evaluations.reduce<EvaluationResult | undefined>(
    (top, result) => (top && top.success >= result.success ? top : result),
    undefined,
  );
}

function rate(result: SuccessRate | undefined): string {
  if (!result) return '';
  const [low, high] = result.interval;
  return `${result.success.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** A value of a setting or a metric as text; '' for none. */
function written(value: unknown): string {
  if (value === undefined || Number.isNaN(value)) return '';
  if (Array.isArray(value)) return value.join(' + ');
  return value === null ? 'none' : String(value);
}
