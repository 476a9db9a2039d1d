/** The page's one worker: made when it is needed, replaced when it has died or failed, and whose policy it holds. */
import * as Comlink from 'comlink';
import type { EvaluateOptions, EvaluationResult, RunEvent, RunStart } from '../protocol.ts';
import { WatchedEnvironment, type OpenEnvironment } from './environment.ts';
import { TrainerWorker } from './trainer-worker.ts';

export class TrainerHost {
  /** Id of the run whose policy is in the worker's memory, '' for none. */
  holds = '';
  #worker: TrainerWorker | undefined;

  /** The worker if there is one, dead or alive. */
  get present(): TrainerWorker | undefined {
    return this.#worker;
  }

  /** A worker that is alive. */
  get trainer(): TrainerWorker {
    if (!this.#worker || this.#worker.dead) this.#worker = new TrainerWorker();
    return this.#worker;
  }

  /** Ends the worker; the next call gets a new one. */
  restart(): void {
    this.holds = '';
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Has `start`'s policy evaluated, which is in the worker's memory then. @param environment  is disposed of */
  async evaluate(
    start: RunStart,
    options: EvaluateOptions,
    environment: OpenEnvironment,
    onEvent: (event: RunEvent) => void,
  ): Promise<EvaluationResult> {
    const frames = new WatchedEnvironment(environment);
    try {
      const [proxy, listener] = [Comlink.proxy(frames), Comlink.proxy(onEvent)];
      this.holds = '';
      return await this.trainer.call(trainer => trainer.evaluate(start, options, proxy, listener));
    } finally {
      frames.dispose();
    }
  }
}
