/** A run's policy as files: its weights as the worker writes them, with the run's record. */
import { BUILT_IN } from '../config/environment-name.ts';
import type { EvaluateOptions, ExportKind, RunStart } from '../protocol.ts';
import { packZip } from '../storage/export/zip.ts';
import type { RunRow } from '../storage/schema.ts';
import { openEnvironment } from './environment.ts';
import { withRecord } from './library.ts';
import { resolveModel } from './model-source.ts';
import type { TrainerHost } from './trainer-host.ts';

export class RunExports {
  /**
   * @param container  element for frames
   * @param settle  writes what the run under way has yet to store
   */
  constructor(
    private readonly host: TrainerHost,
    private readonly container: HTMLElement,
    private readonly settle: () => Promise<void>,
  ) {}

  /**
   * A stored run's checkpoint with the run's record. The weights are those in memory where the run was the last one at work
   * here, else its stored checkpoint is loaded first.
   *
   * @param step  of a stored checkpoint that is not the last: `run.bestStep`
   */
  async files(run: RunRow, kind: ExportKind, step = run.checkpointStep): Promise<Map<string, Uint8Array>> {
    await this.settle();
    const last = step === run.checkpointStep;
    if (this.host.holds !== run.id || !last) await this.#load(run, step);
    // What is in memory then is not where the run stands.
    if (!last) this.host.holds = '';
    return withRecord(run, await this.host.trainer.call(trainer => trainer.export(kind)));
  }

  /** The same as one zip. */
  async zip(run: RunRow, kind: ExportKind, step = run.checkpointStep): Promise<{ name: string; blob: Blob }> {
    const files = await this.files(run, kind, step);
    const blob = new Blob([await packZip(files)], { type: 'application/zip' });
    return { name: `${run.name.replaceAll(' ', '-')}-step-${step}-${kind}.zip`, blob };
  }

  /** The demonstrations that the last warm start collected, as a file. */
  collection(): Promise<Uint8Array> {
    return this.host.trainer.call(trainer => trainer.collection());
  }

  /** An evaluation of no episodes leaves the checkpoint's policy in the worker's memory. */
  async #load(run: RunRow, step: number): Promise<void> {
    const source = await resolveModel(run.config.model);
    const start: RunStart = { runId: run.id, config: run.config, resumeAt: step, ...source };
    const options: EvaluateOptions = { episodes: 0, sampled: false, policy: 'model' };
    const unused = { ...run.config, environment: BUILT_IN, frames: 1 };
    const environment = await openEnvironment(this.container, unused, []);
    await this.host.evaluate(start, options, environment, () => {});
    this.host.holds = run.id;
  }
}
