/** Writes a run's events to storage in their order, a transaction a batch, and keeps what could not be written. */
import type { EvaluationResult, RunEvent } from '../protocol.ts';
import { addEpisodes } from '../storage/episodes.ts';
import { putEvaluations, putMetrics } from '../storage/metrics.ts';
import { askPersistence } from '../storage/persistence.ts';
import { updateRun } from '../storage/runs.ts';
import type { EpisodeRow, MetricRow } from '../storage/schema.ts';

/** Episodes that wait for the end of their step before they are written: screenshots of more would fill memory. */
const EPISODES_A_BATCH = 64;

export class Recorder {
  #metrics: MetricRow[] = [];
  #evaluations: EvaluationResult[] = [];
  #episodes: EpisodeRow[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** @param onError  called when a batch could not be written; the batch stays queued for the next `flush`. */
  constructor(
    readonly runId: string,
    readonly onError: (error: unknown) => void,
  ) {}

  /** Takes an event in; returns at once. */
  record(event: RunEvent): void {
    if (event.kind === 'metrics') {
      this.#metrics.push({ runId: this.runId, step: event.step, metrics: event.metrics, time: Date.now() });
    } else if (event.kind === 'evaluation') {
      this.#evaluations.push(event.result);
    } else if (event.kind === 'episode') {
      this.#episodes.push({ ...event.episode, runId: this.runId });
      if (this.#episodes.length < EPISODES_A_BATCH) return;
    } else if (event.kind !== 'checkpoint') return;
    this.flush().catch(this.onError);
  }

  /**
   * Writes what is queued, after the writes already under way.
   *
   * @throws {StorageError} what kept a batch from being written; it is still queued.
   */
  flush(): Promise<void> {
    const next = this.#writing.catch(() => {}).then(() => this.#write());
    this.#writing = next;
    return next;
  }

  async #write(): Promise<void> {
    const metrics = this.#metrics.slice();
    const evaluations = this.#evaluations.slice();
    const episodes = this.#episodes.slice();
    if (metrics.length + evaluations.length + episodes.length === 0) return;
    void askPersistence();
    // Small and dear rows first: a full disk should cost screenshots before numbers.
    if (metrics.length > 0) {
      await putMetrics(metrics);
      this.#metrics.splice(0, metrics.length);
      await updateRun(this.runId, { step: metrics[metrics.length - 1].step });
    }
    if (evaluations.length > 0) {
      await putEvaluations(evaluations.map(result => ({ runId: this.runId, step: result.step, result })));
      this.#evaluations.splice(0, evaluations.length);
    }
    if (episodes.length > 0) {
      await addEpisodes(episodes);
      this.#episodes.splice(0, episodes.length);
    }
  }
}
