/** A run under way: what its events do to the page's state and to the storage, and what holds only while it lasts. */
import type { RunEvent } from '../protocol.ts';
import { updateRun } from '../storage/runs.ts';
import type { RunRow } from '../storage/schema.ts';
import { Pace } from './pace.ts';
import { Recorder } from './recorder.ts';
import { applyEvent, type SessionState, type SlotState } from './state.ts';
import type { Store } from './store.ts';
import { keepAwake } from './wake-lock.ts';

export class ActiveRun {
  readonly recorder: Recorder;
  readonly #pace = new Pace();

  /** @param onTrouble  called when something could not be stored; the rows stay queued in `recorder`. */
  constructor(
    readonly run: RunRow,
    readonly store: Store<SessionState>,
    readonly onTrouble: (error: unknown) => void,
  ) {
    this.recorder = new Recorder(run.id, onTrouble);
  }

  /** The worker begins now. */
  async begin(): Promise<void> {
    await keepAwake(true);
    this.#pace.begin(performance.now());
  }

  take(event: RunEvent): void {
    if (event.kind === 'metrics') this.#pace.step(performance.now());
    const { secondsPerStep } = this.#pace;
    this.store.update({ ...applyEvent(this.store.value, event, Date.now()), secondsPerStep });
    if (event.kind === 'device') this.#record(event);
    if (event.kind === 'phase') this.#followPause(event.phase === 'paused');
    this.recorder.record(event);
  }

  /** A frame shows something new. */
  see(slot: number, seen: Partial<SlotState>): void {
    const slots = [...this.store.value.slots];
    slots[slot] = { ...slots[slot], ...seen };
    this.store.update({ slots });
  }

  /** The person resumed: what a full disk kept from being written goes first, and the pause does not count as time. */
  async resume(): Promise<void> {
    await this.recorder.flush().catch(this.onTrouble);
    this.#pace.begin(performance.now());
  }

  async end(): Promise<void> {
    await keepAwake(false);
  }

  /** Keeps what this stretch of the run is computed with. */
  #record({ device, policy, software }: Extract<RunEvent, { kind: 'device' }>): void {
    const { id, step, config, sessions = [] } = this.run;
    const startedAt = new Date().toISOString();
    const session = { fromStep: step, startedAt, maxSteps: config.max_steps, device, policy, software };
    updateRun(id, { sessions: [...sessions, session] }).catch(this.onTrouble);
  }

  #followPause(paused: boolean): void {
    const { status } = this.store.value;
    if (paused && (status === 'pausing' || status === 'running')) {
      this.#pace.halt();
      this.#become('paused');
    } else if (!paused && status === 'paused') this.#become('running');
  }

  #become(status: 'paused' | 'running'): void {
    this.store.update({ status });
    updateRun(this.run.id, { status }).catch(this.onTrouble);
  }
}
