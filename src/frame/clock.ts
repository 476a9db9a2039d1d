/**
 * The frame's virtual clock: timers, animation frames, Date and performance.now() advance only when the agent says so.
 * An episode is then a pure function of (task, seed, actions); slow inference never times a task out.
 */
import { FrameError } from './frame-error.ts';
import { macrotask } from './macrotask.ts';

/** Virtual Date at load: 2024-01-01 12:00 local time, whatever the machine's clock says. */
const EPOCH = new Date(2024, 0, 1, 12).getTime();
const FRAME_MS = 1000 / 60;
/** Timer callbacks that one `advance` may run before the page counts as running away: so many, and so many more a ms. */
const MAX_CALLBACKS = 4000;
const MAX_CALLBACKS_PER_MS = 2;

interface Timer {
  id: number;
  due: number;
  /** Repeats every so many ms; 0 fires once. */
  interval: number;
  run: () => void;
}

export class VirtualClock {
  /** Virtual ms since the frame was made. */
  now = 0;
  private nextId = 1;
  private timers: Timer[] = [];

  /** As it was when the frame was made; what was due is not run. */
  restart(): void {
    this.now = 0;
    this.nextId = 1;
    this.timers = [];
  }

  /** Replaces the window's time sources. Must run before any script of the page. */
  install(): void {
    this.installTimers();
    this.installDate();
    const now = () => this.now;
    Object.defineProperty(Performance.prototype, 'now', { value: now, writable: true, configurable: true });
    Object.defineProperty(Event.prototype, 'timeStamp', { get: now, configurable: true });
  }

  /**
   * Runs everything that falls due within `ms`, in order of time, each callback in a task of its own.
   * @throws {FrameError} `clock-runaway` when the callbacks never come to an end.
   */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    const most = MAX_CALLBACKS + MAX_CALLBACKS_PER_MS * ms;
    for (let ran = 0; ; ran++) {
      const timer = this.first();
      if (!timer || timer.due > end) break;
      if (ran >= most)
        throw new FrameError('clock-runaway', `The page ran ${ran} timers in ${ms} virtual ms.`);
      this.now = Math.max(this.now, timer.due);
      if (timer.interval > 0) timer.due = this.now + timer.interval;
      else this.clear(timer.id);
      try {
        timer.run();
      } catch (error) {
        // As in a browser, an exception in a callback is reported and the page goes on.
        console.error(error);
      }
      await macrotask();
    }
    this.now = end;
  }

  private first(): Timer | undefined {
    let first = this.timers[0];
    for (const timer of this.timers)
      if (timer.due < first.due || (timer.due === first.due && timer.id < first.id)) first = timer;
    return first;
  }

  private add(due: number, interval: number, run: () => void): number {
    const id = this.nextId++;
    this.timers.push({ id, due, interval, run });
    return id;
  }

  private clear(id: unknown): void {
    const at = this.timers.findIndex(timer => timer.id === Number(id));
    if (at >= 0) this.timers.splice(at, 1);
  }

  private installTimers(): void {
    const task = (handler: TimerHandler, args: unknown[]) =>
      typeof handler === 'function' ? () => handler(...args) : () => (0, eval)(String(handler));
    const clear = (id?: unknown) => this.clear(id);
    Object.assign(window, {
      setTimeout: (handler: TimerHandler, ms?: unknown, ...args: unknown[]) =>
        this.add(this.now + delay(ms, 1), 0, task(handler, args)),
      // Browsers clamp a repeating timer to 4 ms.
      setInterval: (handler: TimerHandler, ms?: unknown, ...args: unknown[]) =>
        this.add(this.now + delay(ms, 4), delay(ms, 4), task(handler, args)),
      clearTimeout: clear,
      clearInterval: clear,
      requestAnimationFrame: (callback: FrameRequestCallback) => {
        const due = (Math.floor(this.now / FRAME_MS + 1e-6) + 1) * FRAME_MS;
        return this.add(due, 0, () => callback(due));
      },
      cancelAnimationFrame: clear,
      requestIdleCallback: (callback: IdleRequestCallback) =>
        this.add(this.now + 1, 0, () => callback({ didTimeout: false, timeRemaining: () => 50 })),
      cancelIdleCallback: clear,
    });
  }

  private installDate(): void {
    const RealDate = Date;
    const time = () => EPOCH + Math.floor(this.now);
    RealDate.now = time;
    const VirtualDate = new Proxy(RealDate, {
      construct: (target, args, newTarget) =>
        Reflect.construct(target, args.length > 0 ? args : [time()], newTarget) as object,
      apply: () => new RealDate(time()).toString(),
    });
    RealDate.prototype.constructor = VirtualDate;
    window.Date = VirtualDate;
    for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'] as const) {
      const real = RealDate.prototype[name];
      // BrowserGym's browser runs in en-US; a page's text must not depend on the user's language.
      RealDate.prototype[name] = function (
        locales?: Intl.LocalesArgument,
        options?: Intl.DateTimeFormatOptions,
      ) {
        return real.call(this, locales ?? 'en-US', options);
      };
    }
  }
}

function delay(ms: unknown, least: number): number {
  return Math.max(least, Number(ms) || 0);
}
