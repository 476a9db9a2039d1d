/** The worker that owns the GPU, seen from the page: started, called, found dead, ended. */
import * as Comlink from 'comlink';
import { CodedError } from '../errors.ts';
import type { TrainerService } from '../protocol.ts';
import { keepErrorCodes } from '../rpc.ts';

/** The worker could not start, or ended while it was asked something. */
export class WorkerError extends CodedError {
  override readonly name = 'WorkerError';
}

keepErrorCodes();

/** One worker and its one proxy. A proxy made for each call would leave message ports behind. */
export class TrainerWorker {
  readonly #worker: Worker;
  readonly #trainer: Comlink.Remote<TrainerService>;
  readonly #death: Promise<never>;
  #die!: (error: WorkerError) => void;
  #dead = false;

  constructor() {
    this.#worker = new Worker(new URL('../worker/main.ts', import.meta.url), {
      type: 'module',
      name: 'trainer',
    });
    this.#trainer = Comlink.wrap<TrainerService>(this.#worker);
    this.#death = new Promise((_, reject) => (this.#die = reject));
    // Nobody may be waiting when it dies.
    this.#death.catch(() => {});
    this.#worker.addEventListener('error', event => this.#end('worker-failed', describe(event)));
    this.#worker.addEventListener('messageerror', () =>
      this.#end('worker-failed', 'A message between page and worker could not be read. Reload the page.'),
    );
  }

  get dead(): boolean {
    return this.#dead;
  }

  /**
   * Calls the trainer; rejects as soon as the worker is dead, where Comlink alone would wait for ever.
   *
   * @throws {WorkerError} `worker-failed`, `worker-ended`; what the trainer throws, with its code.
   */
  call<T>(request: (trainer: Comlink.Remote<TrainerService>) => Promise<T>): Promise<T> {
    return Promise.race([request(this.#trainer), this.#death]);
  }

  /** Ends the worker at once; what waits for it rejects. */
  terminate(): void {
    this.#end('worker-ended', 'The trainer was shut down.');
  }

  #end(code: string, message: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#worker.terminate();
    this.#die(new WorkerError(code, { message }));
  }
}

function describe(event: ErrorEvent): string {
  const where = event.filename ? ` (${event.filename.split('/').at(-1)}:${event.lineno})` : '';
  // A script that did not load gives an event without a message.
  return event.message
    ? `The trainer stopped unexpectedly: ${event.message}${where}. The last checkpoint is kept; resume from it.`
    : 'The trainer’s program could not be loaded. Check the connection and reload the page.';
}
