/** The pool of sandboxed frames as the environment that a trainer calls. */
import type { LocatedElement } from '../frame/protocol.ts';
import type { EnvironmentService, JudgedEpisode, Look, OracleAction, StepResult } from '../protocol.ts';
import { Episode, type EnvironmentConfig, type EpisodeOptions } from './episode.ts';
import { EnvironmentError } from './errors.ts';
import { Foresight } from './foresight.ts';
import { Lanes } from './lanes.ts';
import type { TaskPage } from './pages/bundle.ts';
import { Pictures } from './pictures.ts';
import { closed, hung, REPLACED } from './pool-errors.ts';
import { registeredPage } from './registered-page.ts';
import { judgeEpisodes } from './reward-sandbox.ts';
import { Slot } from './slot.ts';
import { unlessHung } from './watchdog.ts';

export interface FramePoolOptions {
  /** Gets one element a slot. It must be in the document; it may be off screen, but not `display: none`. */
  container: HTMLElement;
  frames: number;
  config: EnvironmentConfig;
  /** ms without an answer after which a frame counts as hung. */
  hangTimeout?: number;
  /** CSS pixels to image pixels. */
  scale?: number;
  /** The page of a task as one text; by default that of the registry. */
  pageOf?: (task: string) => TaskPage;
  episode?: EpisodeOptions;
}

/**
 * Calls that frames answer at once. They share one thread, so more would not be answered sooner, only each of them later; two
 * keep it busy while one waits for the host or for an image to load.
 */
const LANES = 2;

/** ms without work after which the pool makes frames for the resets to come. */
const IDLE_MS = 15;

/**
 * A browser waits so long for the unload handlers of a frame that it takes away (Chromium 156: 500 ms), and puts new frames
 * into the same process until then.
 */
const UNLOAD_MS = 600;
/** Frames that may fail to come up after a hang before the pool goes on regardless, and calls fail. */
const MOST_TRIES = 5;

/** Work on a slot that a hang may interrupt, and that then starts over from the slot's replayed episode. */
interface Operation {
  slot: Slot;
  /** Whether it starts its own episode, so that there is nothing to replay before it. */
  resets: boolean;
  run: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Frames of one pool share one process, so that a page which never ends stops them all. The pool then removes every frame,
 * finds the guilty one by running what was under way again one by one, and replays the others to where they were.
 */
export class FramePool implements EnvironmentService {
  /** Episodes lost so far, by code. */
  readonly failures = new Map<string, number>();
  private readonly slots: Slot[];
  private readonly pictures = new Pictures();
  private readonly hangTimeout: number;
  private readonly underWay = new Set<Operation>();
  private readonly queues = new Map<Slot, Promise<unknown>>();
  private readonly lanes = new Lanes(LANES);
  private recovery: Promise<void> | null = null;
  private closed = false;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private readonly foresight = new Foresight<Slot>();

  constructor(private readonly options: FramePoolOptions) {
    this.slots = Array.from({ length: options.frames }, (_, index) => new Slot(options.container, index));
    this.hangTimeout = options.hangTimeout ?? 10_000;
    void this.prepared();
  }

  async capacity(): Promise<number> {
    return this.slots.length;
  }

  judge(source: string, episodes: JudgedEpisode[]): Promise<(number | null)[]> {
    return judgeEpisodes(this.options.container, source, episodes);
  }

  reset(slot: number, task: string, seed: number): Promise<StepResult> {
    const place = this.place(slot);
    return this.operate(place, true, async () => {
      this.foresight.learn(place, seed);
      place.episode = null;
      const { episode, first } = place.begin(this.episodeOf(task, seed));
      const result = await first;
      place.episode = episode;
      place.show();
      return result;
    });
  }

  private episodeOf(task: string, seed: number): Episode {
    const { config, scale = 1, pageOf = registeredPage, episode: options } = this.options;
    return new Episode(task, seed, pageOf(task), config, scale, options, this.pictures.of(task, seed));
  }

  step(slot: number, text: string, look: Look = 'always'): Promise<StepResult> {
    const place = this.place(slot);
    return this.operate(place, false, () => {
      const { episode, frame } = place.playing();
      return episode.step(frame, text, look);
    });
  }

  /** Gives the slot's page another viewport, in CSS pixels, until its next reset. @returns whether it is scrolled then. */
  async resize(slot: number, size: { width: number; height: number }): Promise<boolean> {
    const place = this.place(slot);
    return this.operate(place, false, () => place.playing().frame.resize(size));
  }

  oracle(slot: number): Promise<OracleAction> {
    const place = this.place(slot);
    return this.operate(
      place,
      false,
      async () => (await place.playing().frame.ask({ type: 'oracle' })).action,
    );
  }

  /** The element at a point of the slot's page, CSS pixels from its top left; null where there is none. */
  locate(slot: number, x: number, y: number): Promise<LocatedElement | null> {
    const place = this.place(slot);
    return this.operate(
      place,
      false,
      async () => (await place.playing().frame.ask({ type: 'locate', x, y })).element,
    );
  }

  /**
   * Whenever nothing is asked of the pool for a moment, as while a policy thinks, the page of `task` is loaded, and its episode
   * begins where the seed is given and most of those that were given of late were right: one that was wrong costs a page.
   */
  async expect(slot: number, task: string, seed?: number): Promise<void> {
    const place = this.place(slot);
    try {
      place.expect(this.episodeOf(task, seed ?? 0), seed !== undefined && this.foresight.isTrusted);
      this.foresight.announce(place, seed);
    } catch {
      // A task without a page is for the reset to report.
      return;
    }
    if (this.underWay.size === 0) this.prepareSoon();
  }

  /** Resolves when every slot has a frame waiting, with the episode that is expected next where that is known. */
  async prepared(): Promise<void> {
    await this.prepare(() => false);
  }

  /** The element that holds the slot's live frame: style it, put captions beside the frame, but do not move it. */
  frameElement(slot: number): HTMLElement {
    return this.place(slot).element;
  }

  /** Removes every frame. What is under way rejects with `pool-closed`. */
  dispose(): void {
    this.closed = true;
    clearTimeout(this.idle);
    for (const slot of this.slots) {
      slot.drop(closed());
      slot.element.remove();
    }
  }

  private place(index: number): Slot {
    const slot = this.slots[index];
    if (slot) return slot;
    throw new EnvironmentError('no-such-slot', {
      message: `There is no slot ${index}; the pool has ${this.slots.length}.`,
    });
  }

  /** Runs `work` after what the slot is doing, and again if the frames had to be replaced under it. */
  private operate<T>(slot: Slot, resets: boolean, work: () => Promise<T>): Promise<T> {
    const before = this.queues.get(slot) ?? Promise.resolve();
    const done = before.then(
      () =>
        new Promise<T>((resolve, reject) => {
          void this.start({ slot, resets, run: work, resolve: resolve as (value: unknown) => void, reject });
        }),
    );
    this.queues.set(
      slot,
      done.catch(() => undefined),
    );
    return done;
  }

  private async start(operation: Operation): Promise<void> {
    await this.lanes.enter();
    while (this.recovery) await this.recovery;
    const loss = operation.resets ? null : operation.slot.takeLoss();
    if (this.closed || loss) {
      this.lanes.leave();
      if (this.closed) operation.reject(closed());
      else this.fail(operation, loss);
      return;
    }
    this.underWay.add(operation);
    clearTimeout(this.idle);
    const outcome = await this.attempt(operation);
    this.lanes.leave();
    if (this.underWay.size === 0) this.prepareSoon();
    if (outcome === 'hung') this.recovery ??= this.recover().finally(() => (this.recovery = null));
  }

  /** @returns whether the frame hung; the operation then stays under way. */
  private async attempt(operation: Operation): Promise<'settled' | 'hung' | 'replaced'> {
    const { slot } = operation;
    try {
      const value = await unlessHung(operation.run(), () => slot.frame, this.hangTimeout);
      this.underWay.delete(operation);
      operation.resolve(value);
      return 'settled';
    } catch (error) {
      if (error instanceof EnvironmentError && error.code === 'frame-hung') return 'hung';
      if (error === REPLACED) return 'replaced';
      this.fail(operation, error);
      return 'settled';
    }
  }

  private prepareSoon(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.prepare(() => this.underWay.size > 0), IDLE_MS);
  }

  private async prepare(interrupted: () => boolean): Promise<void> {
    for (const slot of this.slots) {
      if (this.closed || this.recovery || interrupted()) return;
      if (slot.prepared) continue;
      try {
        const work = slot.prepare();
        // A reset may take this frame before it is ready, and leave none or another in its place.
        const frame = slot.waiting;
        await unlessHung(work, () => frame, this.hangTimeout);
      } catch (error) {
        // A page that fails is reported by the reset that asks for it; one that never ends stops all frames.
        if (error instanceof EnvironmentError && error.code === 'frame-hung')
          this.recovery ??= this.recover().finally(() => (this.recovery = null));
      }
    }
  }

  private fail(operation: Operation, error: unknown): void {
    this.underWay.delete(operation);
    const { slot } = operation;
    if (error instanceof EnvironmentError && error.code !== 'not-reset') {
      this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
      slot.episode = null;
      slot.frame?.spoil();
    }
    operation.reject(error);
  }

  /** New frames for all: first those that were under way, then everyone else, each alone with its page. */
  private async recover(): Promise<void> {
    await this.endProcess();
    const suspects = [...this.underWay];
    for (const operation of suspects) {
      const { slot } = operation;
      if (this.closed) {
        operation.reject(closed());
        continue;
      }
      if (!operation.resets) {
        const replayed = await this.replay(slot);
        if (replayed !== null) {
          this.fail(operation, replayed);
          await this.endProcess();
          continue;
        }
      }
      if ((await this.attempt(operation)) === 'hung') {
        this.fail(operation, hung(slot));
        await this.endProcess();
      }
    }
    await this.replayOthers();
  }

  /**
   * One by one: they share a thread, so that at once each would wait for all, and on a busy machine seem to hang. Whose process
   * is ended on the way is brought back once more.
   */
  private async replayOthers(): Promise<void> {
    for (;;) {
      const slot = this.slots.find(each => each.episode && !each.frame);
      if (!slot || this.closed) return;
      const failure = await this.replay(slot);
      if (failure === null) continue;
      slot.lose(failure);
      if (failure.code === 'frame-hung') await this.endProcess();
    }
  }

  /** @returns why the slot's episode could not be brought back, null when it was. */
  private async replay(slot: Slot): Promise<EnvironmentError | null> {
    const { episode } = slot;
    if (!episode) return null;
    try {
      const frame = slot.freshFrame(episode);
      await unlessHung(episode.replay(frame), () => slot.frame, this.hangTimeout);
      slot.show();
      return null;
    } catch (error) {
      if (error instanceof EnvironmentError) return error;
      throw error;
    }
  }

  /**
   * Removes every frame, and with the last one the process that hangs; then waits until a new one answers, each time for twice
   * as long: it may have been put into the old process, or be slow to start, and then it must not be taken away for ever.
   */
  private async endProcess(): Promise<void> {
    const [first] = this.slots;
    for (let tries = 0; tries < MOST_TRIES && !this.closed; tries++) {
      for (const slot of this.slots) slot.drop(REPLACED);
      await sleep(UNLOAD_MS);
      if (this.closed) return;
      const up = first!.prepare().then(
        () => true,
        () => false,
      );
      if (await Promise.race([up, sleep(2 ** (tries + 1) * this.hangTimeout)])) return;
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
