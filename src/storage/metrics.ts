/** Metrics and evaluations of a run, a row a step. A step that is taken again after a resume replaces its row. */
import { openDatabase } from './database.ts';
import { storing } from './errors.ts';
import type { EvaluationRow, MetricRow } from './schema.ts';

export async function putMetrics(rows: MetricRow[]): Promise<void> {
  const database = await openDatabase();
  await storing('metrics', async () => {
    const transaction = database.transaction('metrics', 'readwrite');
    await Promise.all([...rows.map(row => transaction.store.put(row)), transaction.done]);
  });
}

export async function putEvaluations(rows: EvaluationRow[]): Promise<void> {
  const database = await openDatabase();
  await storing('evaluations', async () => {
    const transaction = database.transaction('evaluations', 'readwrite');
    await Promise.all([...rows.map(row => transaction.store.put(row)), transaction.done]);
  });
}

/** Metrics of a run in the order of its steps. */
export async function metricsOf(runId: string): Promise<MetricRow[]> {
  const database = await openDatabase();
  return storing('metrics', () => database.getAll('metrics', stepsOf(runId)));
}

/** Evaluations of a run in the order of its steps. */
export async function evaluationsOf(runId: string): Promise<EvaluationRow[]> {
  const database = await openDatabase();
  return storing('evaluations', () => database.getAll('evaluations', stepsOf(runId)));
}

function stepsOf(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
}
