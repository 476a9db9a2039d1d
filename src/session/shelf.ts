/** What this browser keeps, as the page shows it: the lists of runs and models, and the run that was taken from the shelf. */
import { deleteModel, listModels } from '../storage/models.ts';
import { evaluationsOf, metricsOf } from '../storage/metrics.ts';
import { deleteRun, listRuns } from '../storage/runs.ts';
import type { RunRow } from '../storage/schema.ts';
import { lockedRuns } from './run-lock.ts';
import { isActive, type SessionState } from './state.ts';
import type { Store } from './store.ts';

export class Shelf {
  constructor(readonly store: Store<SessionState>) {}

  /** Reads the lists of runs and models again. */
  async refresh(): Promise<void> {
    const [runs, models] = await Promise.all([listRuns(), listModels()]);
    this.store.update({ runs, models });
  }

  /** Lists everything, finds a run that a closed tab interrupted, and shows it, or else the newest. */
  async open(): Promise<void> {
    await this.refresh();
    const { runs } = this.store.value;
    const alive = await lockedRuns();
    const interrupted = runs.find(
      run => (run.status === 'running' || run.status === 'paused') && !alive.has(run.id),
    );
    this.store.update({ interrupted: interrupted ?? null });
    const shown = interrupted ?? runs[0];
    if (shown) await this.load(shown);
  }

  /** Shows a stored run's curves; not while one is under way. */
  async show(runId: string): Promise<void> {
    const run = this.store.value.runs.find(row => row.id === runId);
    if (run && !isActive(this.store.value.status)) await this.load(run);
  }

  /** Makes `run` the one that is shown, with the numbers stored of it. */
  async load(run: RunRow): Promise<void> {
    const [metrics, evaluations] = await Promise.all([metricsOf(run.id), evaluationsOf(run.id)]);
    this.store.update({ run, metrics, evaluations: evaluations.map(row => row.result), episodes: [] });
  }

  async deleteRun(runId: string): Promise<void> {
    await deleteRun(runId);
    const { run, interrupted } = this.store.value;
    if (run?.id === runId) this.store.update({ run: null, metrics: [], evaluations: [], episodes: [] });
    if (interrupted?.id === runId) this.store.update({ interrupted: null });
    await this.refresh();
  }

  async deleteModel(id: string): Promise<void> {
    await deleteModel(id);
    await this.refresh();
  }
}
