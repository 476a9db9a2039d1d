/** A run's numbers as a trackio fragment: put it below `$TRACKIO_DIR/inbox/<any folder>/` and the dashboard takes it in. */
import type { TrackedRun } from './points.ts';

/** What trackio's importer expects of a fragment's name. */
export const TRACKIO_FILE = '00000000.jsonl';

/**
 * One JSON object a line. Line ids follow from run and place, so that importing twice changes nothing.
 *
 * @see trackio/fragments.py, version 1
 */
export function toTrackio(run: TrackedRun, project: string): string {
  return run.points
    .map(({ step, time, metrics }, i) => {
      const line = {
        v: 1,
        kind: 'metric',
        project,
        run: run.name,
        run_id: run.id,
        metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, finite(value)])),
        step,
        timestamp: new Date(time).toISOString(),
        config: i === 0 ? run.config : null,
        log_id: `${run.id}-${i}`,
      };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}

/** JSON has no NaN and no infinities; trackio reads them from these texts. */
function finite(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
