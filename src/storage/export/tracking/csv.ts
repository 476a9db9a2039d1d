/** A run's numbers as a table: one row a step, a column a metric. */
import type { TrackedRun } from './points.ts';

/** RFC 4180; a metric that a step lacks is an empty cell, and what is not finite is written as JavaScript writes it. */
export function toCsv({ points }: TrackedRun): string {
  const bySteps = new Map<number, { time: number; metrics: Record<string, number> }>();
  for (const { step, time, metrics } of points) {
    const known = bySteps.get(step);
    bySteps.set(step, { time, metrics: { ...known?.metrics, ...metrics } });
  }
  const names = [...new Set(points.flatMap(point => Object.keys(point.metrics)))];
  const rows = [...bySteps].map(([step, { time, metrics }]) => [
    step,
    new Date(time).toISOString(),
    ...names.map(name => metrics[name] ?? ''),
  ]);
  return toRows([['step', 'timestamp', ...names], ...rows]);
}

/** Rows of cells as RFC 4180 writes them. */
export function toRows(rows: readonly (string | number)[][]): string {
  return rows.map(row => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
