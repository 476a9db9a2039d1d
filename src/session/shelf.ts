/** What this browser keeps, as the page shows it: the lists of runs and models, and the run that was taken from the shelf. */
import { CheckpointStore } from '../storage/checkpoint/store.ts';
import { StorageError } from '../storage/errors.ts';
import { deleteModel, listModels } from '../storage/models.ts';
import { evaluationsOf, metricsOf } from '../storage/metrics.ts';
import { deleteRun, getRun, listRuns } from '../storage/runs.ts';
import type { RunRow } from '../storage/schema.ts';
import { runsElsewhere, withRun } from './run-lock.ts';
import { isActive, withNotice, type SessionState } from './state.ts';
import type { Store } from './store.ts';

export class Shelf {
  constructor(readonly store: Store<SessionState>) {}

  /** Reads the lists of runs and models again. */
  async refresh(): Promise<void> {
    const [runs, models, elsewhere] = await Promise.all([listRuns(), listModels(), runsElsewhere()]);
    this.store.update({ runs, models, elsewhere });
  }

  /** Lists everything, finds a run that a closed tab interrupted, and shows it, or else the newest. */
  async open(): Promise<void> {
    await this.refresh();
    const { runs, elsewhere } = this.store.value;
    const interrupted = runs.find(
      run => (run.status === 'running' || run.status === 'paused') && !elsewhere.has(run.id),
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

  /**
   * A run as it is stored now, with the newest of its checkpoints that is whole for its current one.
   * @throws {StorageError} storage-missing when it was deleted; storage-corrupt when no checkpoint can be read any more
   */
  async resumable(runId: string, name: string): Promise<RunRow> {
    const run = await getRun(runId);
    if (!run)
      throw new StorageError('storage-missing', {
        message: `Run “${name}” is not stored here any more; it was deleted, perhaps in another tab.`,
      });
    if (run.checkpointStep < 0) return run;
    const checkpointStep = await new CheckpointStore().newestWhole(runId, run.checkpointStep);
    if (checkpointStep === run.checkpointStep) return run;
    const text = `The checkpoint of step ${run.checkpointStep} of run “${run.name}” is damaged, so the run goes on from the one before it, of step ${checkpointStep}.`;
    this.store.update({ notices: withNotice(this.store.value.notices, 'checkpoint-damaged', text) });
    return { ...run, checkpointStep };
  }

  /** @throws {RunError} run-elsewhere */
  async deleteRun(runId: string): Promise<void> {
    const name = this.store.value.runs.find(row => row.id === runId)?.name ?? runId;
    await withRun({ id: runId, name }, () => deleteRun(runId)).finally(() => this.refresh());
    const { run, interrupted } = this.store.value;
    if (run?.id === runId) this.store.update({ run: null, metrics: [], evaluations: [], episodes: [] });
    if (interrupted?.id === runId) this.store.update({ interrupted: null });
  }

  async deleteModel(id: string): Promise<void> {
    await deleteModel(id);
    await this.refresh();
  }
}
