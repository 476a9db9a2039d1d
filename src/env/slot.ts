/**
 * A place for episodes: the frame that plays one now, and one that waits, so that a reset need not wait for it. The waiting
 * frame already holds the page that is expected next, where somebody said which. Two frames that can be used again take turns.
 */
import { Episode } from './episode.ts';
import { EnvironmentError } from './errors.ts';
import type { TaskPage } from './pages/bundle.ts';
import { SandboxedFrame } from './sandboxed-frame.ts';

/** Frames of past episodes that may wait to be taken apart. */
const MOST_RETIRED = 1;

interface Expected {
  task: string;
  page: TaskPage;
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

  /** A frame that holds this page or none, in place of the one before. */
  freshFrame(task: string, page: TaskPage): SandboxedFrame {
    const { current: last, spare } = this;
    this.expected = null;
    this.spare = null;
    this.loss = null;
    if (spare?.fits(task, page)) this.current = spare;
    else {
      spare?.dispose();
      this.current = this.make();
    }
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

  /** Says which page the next reset will most likely ask for. */
  expect(task: string, page: TaskPage): void {
    this.expected = { task, page };
  }

  /** Makes the frame for the next reset, if there is none, and clears old ones away. Resolves when it can be used. */
  async prepare(): Promise<void> {
    for (const frame of this.retired.splice(0)) frame.dispose();
    const { expected } = this;
    if (expected && this.spare && !this.spare.fits(expected.task, expected.page)) {
      this.spare.dispose();
      this.spare = null;
    }
    this.spare ??= this.make();
    await (expected ? this.spare.load(expected.task, expected.page) : this.spare.ready);
  }

  get prepared(): boolean {
    const { spare, expected } = this;
    const loaded = spare !== null && (expected === null || spare.holds(expected.task, expected.page));
    return loaded && this.retired.length === 0;
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
