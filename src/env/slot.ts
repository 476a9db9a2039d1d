/**
 * A place for episodes: the frame that plays one now, and one that waits, so that a reset need not wait for it. In the waiting
 * frame the episode that is expected next has begun, where somebody said which. Two frames that can be used again take turns.
 */
import { Episode } from './episode.ts';
import type { StepResult } from '../protocol.ts';
import { EnvironmentError } from './errors.ts';
import { SandboxedFrame } from './sandboxed-frame.ts';

/** Frames of past episodes that may wait to be taken apart. */
const MOST_RETIRED = 1;

interface Expected {
  episode: Episode;
  /** Whether it may begin ahead, or its page is loaded and no more. */
  begins: boolean;
}

/** An episode that waits for its first action. */
interface Begun {
  episode: Episode;
  first: Promise<StepResult>;
}

export class Slot {
  /**
   * Holds the live iframe, 332 × 214 CSS pixels; clip and scale it by its style, but do not move it in the document. A form,
   * because Chromium 156 takes frames for parts of the form around them, and where there is none for parts of the whole page:
   * whenever a task's page loads, its autofill then looks at all fields of all frames and of the page around them anew.
   */
  readonly element: HTMLElement = document.createElement('form');
  episode: Episode | null = null;
  /** Why the last episode is gone, while nobody was told. */
  private loss: EnvironmentError | null = null;
  private expected: Expected | null = null;
  private current: SandboxedFrame | null = null;
  private spare: SandboxedFrame | null = null;
  /** In the frame that waits. */
  private begun: Begun | null = null;
  /** Frames of past episodes: taking one apart costs as much as a step, so it waits until there is time. */
  private retired: SandboxedFrame[] = [];

  constructor(container: HTMLElement, index: number) {
    this.element.className = 'frame-slot';
    this.element.dataset.slot = String(index);
    this.element.style.cssText = 'position:relative;width:160px;height:210px;overflow:hidden';
    container.append(this.element);
  }

  /** Whether an episode has a frame. */
  get frame(): SandboxedFrame | null {
    return this.current;
  }

  /** Begins `episode` in place of the one before, or gives the one of the same start that has begun already. */
  begin(episode: Episode): Begun {
    const { begun } = this;
    if (begun?.episode.startsAs(episode)) {
      this.useSpare();
      return begun;
    }
    return { episode, first: episode.reset(this.freshFrame(episode)) };
  }

  /** A frame that holds the episode's page or none, in place of the one before. */
  freshFrame({ task, page }: Episode): SandboxedFrame {
    if (!this.spare?.fits(task, page)) {
      this.spare?.dispose();
      this.spare = this.make();
    }
    return this.useSpare();
  }

  private useSpare(): SandboxedFrame {
    const { current: last, spare } = this;
    this.expected = null;
    this.begun = null;
    this.spare = null;
    this.loss = null;
    this.current = spare!;
    if (last?.reusable) this.spare = last;
    else if (last) this.retire(last);
    return this.current;
  }

  private retire(frame: SandboxedFrame): void {
    this.retired.push(frame);
    // A pool that never idles would pile them up, and every one slows the others' process down.
    if (this.retired.length > MOST_RETIRED) this.retired.shift()!.dispose();
  }

  /** Shows the frame of the episode in place of the one before. After its first observation, which painting would delay. */
  show(): void {
    for (const frame of [this.spare, ...this.retired]) if (frame) frame.element.style.visibility = 'hidden';
    if (this.current) this.current.element.style.visibility = 'visible';
  }

  /**
   * Says which episode the next reset will most likely ask for.
   * @param begins  whether that is so likely that it should begin ahead: if it is another, its page has to be loaded anew
   */
  expect(episode: Episode, begins: boolean): void {
    this.expected = { episode, begins };
  }

  /**
   * Makes the frame for the next reset, if there is none, begins its episode and clears old frames away. Resolves when that is
   * done; what becomes of an episode that cannot begin, the reset says.
   */
  async prepare(): Promise<void> {
    for (const frame of this.retired.splice(0)) frame.dispose();
    const { expected, begun } = this;
    if (begun && expected?.episode.startsAs(begun.episode)) return void (await begun.first);
    this.begun = null;
    if (expected && this.spare && !this.spare.fits(expected.episode.task, expected.episode.page)) {
      this.spare.dispose();
      this.spare = null;
    }
    this.spare ??= this.make();
    if (!expected) return this.spare.ready;
    const { episode, begins } = expected;
    if (!begins) return void (await this.spare.load(episode.task, episode.page));
    const first = episode.reset(this.spare);
    this.begun = { episode, first };
    await first;
  }

  get prepared(): boolean {
    const { spare, expected, begun } = this;
    if (!spare || this.retired.length > 0) return false;
    if (!expected) return true;
    const { episode, begins } = expected;
    return begins ? begun?.episode.startsAs(episode) === true : spare.holds(episode.task, episode.page);
  }

  /** The frame that waits. */
  get waiting(): SandboxedFrame | null {
    return this.spare;
  }

  /** The episode is void, through no call of its own: the next one fails for this reason. */
  lose(reason: EnvironmentError): void {
    this.episode = null;
    this.loss = reason;
  }

  /** What the episode was lost by; null when nothing was, or somebody asked before. */
  takeLoss(): EnvironmentError | null {
    const { loss } = this;
    this.loss = null;
    return loss;
  }

  /** @throws {EnvironmentError} `not-reset` */
  playing(): { episode: Episode; frame: SandboxedFrame } {
    if (!this.episode || !this.current)
      throw new EnvironmentError('not-reset', { message: 'The slot has no episode; reset it first.' });
    return { episode: this.episode, frame: this.current };
  }

  /** Removes both frames. The episode stays, so that it can be replayed; the page that waited may have been what hung. */
  drop(error: EnvironmentError): void {
    this.expected = null;
    this.begun = null;
    this.current?.dispose(error);
    this.spare?.dispose(error);
    for (const frame of this.retired.splice(0)) frame.dispose(error);
    this.current = null;
    this.spare = null;
  }

  private make(): SandboxedFrame {
    const frame = new SandboxedFrame(this.element);
    frame.element.style.visibility = 'hidden';
    return frame;
  }
}
