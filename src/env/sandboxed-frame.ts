/**
 * One sandboxed iframe with its agent: made empty, then filled with a page for one episode. After a page that leaves nothing
 * behind it can hold another such page, up to a number; after any other it is thrown away.
 */
import agent from 'virtual:frame-agent';
import type {
  FrameHello,
  FrameNotice,
  FrameReply,
  FrameRequest,
  FrameState,
  Picture,
} from '../frame/protocol.ts';
import { EnvironmentError } from './errors.ts';
import { FRAME_POLICY, holdFrames } from './isolation.ts';
import { checkReply, copyOf, noticeOf } from './messages.ts';
import type { TaskPage } from './pages/bundle.ts';
import type { StartPictures } from './pictures.ts';

/** CSS pixels of BrowserGym's viewport for MiniWoB; the task is its top left 160 × 210. */
export const VIEWPORT = { width: 332, height: 214 };

/**
 * Pages after which a frame is replaced, and up to twice as many: frames that were made together do not all end in one round.
 * Chromium 156 keeps something of every document that was opened in a frame, as its AnimationFrameTimingMonitor, until the frame
 * is gone: memory rose by 8 MiB in 1,000 episodes with 64 pages, by 3 with 24, for the same processor time.
 */
export const MOST_PAGES = 24;

let framesMade = 0;

/** Pictures that all frames, which share a process, draw from one collection of its garbage to the next. */
const PICTURES_A_COLLECTION = 32;
let drawn = 0;

/**
 * Pages and pictures together, in all frames, from one thorough collection to the next. It comes just before a page is loaded,
 * because that is mostly done ahead, while nobody waits. With 512 the process grew on once episodes began ahead and it was
 * seldom idle; every 128 cost a fifth more processor time.
 */
const DOCUMENTS_A_THOROUGH_COLLECTION = 320;
let documents = 0;

const NONE: ReadonlyMap<string, Picture> = new Map();

/** A request without its id, which the frame gives it. */
export type Ask = FrameRequest extends infer R ? (R extends FrameRequest ? Omit<R, 'id'> : never) : never;
type Reply = Exclude<FrameReply, { id: 0 }>;

interface Pending {
  ask: Ask;
  pictures: StartPictures | null;
  /** What there was of them when it was asked. */
  offered: ReadonlyMap<string, Picture>;
  resolve: (reply: Reply) => void;
  reject: (error: EnvironmentError) => void;
}

/** `</script` inside the agent's text would end its element. */
const SRCDOC = `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="${FRAME_POLICY}"><script>${agent.replace(/<(?=\/script|!--)/gi, '\\x3C')}</script></head><body></body></html>`;

export class SandboxedFrame {
  readonly element = document.createElement('iframe');
  /** Settles when the agent listens. */
  readonly ready: Promise<void>;
  private readonly pending = new Map<number, Pending>();
  private port: MessagePort | null = null;
  /** Why it is gone. */
  private end = lost();
  private loaded: { task: string; page: TaskPage; done: Promise<unknown> } | null = null;
  /** Whether an episode began on the page. */
  private used = false;
  private spoilt = false;
  /** The screenshot that came last. */
  private picture: Picture | null = null;
  private nextId = 1;
  private loads = 0;
  /** The empty document's, and one for every page that was written. */
  private expectedLoads = 1;
  private readonly mostLoads = 1 + MOST_PAGES + (framesMade++ % MOST_PAGES);
  private failReady: (error: EnvironmentError) => void = () => undefined;

  /** Adds the iframe to `parent`: an iframe that moves in the document loads anew. */
  constructor(parent: HTMLElement) {
    const { element } = this;
    holdFrames(parent.ownerDocument);
    element.setAttribute('sandbox', 'allow-scripts');
    element.setAttribute('allow', "focus-without-user-activation 'none'");
    element.tabIndex = -1;
    element.title = 'Task';
    this.setSize(VIEWPORT);
    element.style.cssText = 'border:0;pointer-events:none;position:absolute;left:0;top:0;color-scheme:light';
    this.ready = new Promise((resolve, reject) => {
      this.failReady = reject;
      element.addEventListener('load', () => this.onLoad(resolve));
    });
    this.ready.catch(() => undefined);
    element.srcdoc = SRCDOC;
    parent.append(element);
  }

  /**
   * Sends one request and waits for its reply.
   * @param pictures  whose names the request says to be known; gets the picture that comes
   * @throws {EnvironmentError} what the agent reports, `bad-message`, or `frame-lost`; a hang is the watchdog's to notice.
   */
  async ask<A extends Ask>(
    ask: A,
    pictures: StartPictures | null = null,
  ): Promise<Extract<Reply, { type: ReplyType<A> }>> {
    if (ask.type === 'reset') this.used = true;
    const offered = pictures?.all() ?? NONE;
    await this.ready;
    const id = this.nextId++;
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (!this.port) {
        reject(this.end);
        return;
      }
      this.pending.set(id, { ask, pictures, offered, resolve, reject });
      this.port.postMessage({ ...ask, id });
    });
    if (reply.type === 'failed') throw new EnvironmentError(reply.code, { message: reply.message });
    return reply as Extract<Reply, { type: ReplyType<A> }>;
  }

  /**
   * Writes a task's page into the frame; a second call with the same page, before its episode, waits for the first.
   * @throws {EnvironmentError} what the page did wrong; `frame-lost` for a page that this frame cannot hold.
   */
  load(task: string, page: TaskPage): Promise<unknown> {
    if (this.loaded && this.holds(task, page)) return this.loaded.done;
    if (!this.fits(task, page)) return Promise.reject(lost());
    const { html, images = {} } = page;
    this.collectThoroughly();
    this.setSize(VIEWPORT);
    this.expectedLoads++;
    this.used = false;
    this.loaded = { task, page, done: this.ask({ type: 'load', task, html, images }) };
    return this.loaded.done;
  }

  /** Resolves when the page has the new size, to whether it is scrolled. Another page has BrowserGym's size again. */
  async resize(size: { width: number; height: number }): Promise<boolean> {
    this.setSize(size);
    // Layout is what tells the frame's process; left to the next frame of a busy page it takes seconds.
    this.element.getBoundingClientRect();
    return (await this.ask({ type: 'resize', ...size })).scrolled;
  }

  private setSize({ width, height }: { width: number; height: number }): void {
    this.element.width = String(width);
    this.element.height = String(height);
  }

  /** Whether an episode on this page can begin here. */
  fits(task: string, page: TaskPage): boolean {
    if (this.spoilt) return false;
    return this.loaded === null || this.holds(task, page) || (this.reusable && page.reusable === true);
  }

  /** Whether this page was written into the frame and no episode has begun on it. */
  holds(task: string, page: TaskPage): boolean {
    return !this.used && this.loaded?.task === task && this.loaded.page.html === page.html;
  }

  /** Whether a page that leaves nothing behind can follow what the frame holds. */
  get reusable(): boolean {
    if (this.spoilt || this.expectedLoads >= this.mostLoads) return false;
    return this.loaded === null || this.loaded.page.reusable === true;
  }

  /** Something went wrong in it: no further page will do. */
  spoil(): void {
    this.spoilt = true;
  }

  /** Removes the iframe; what is still asked of it is rejected with `error`. */
  dispose(error: EnvironmentError = lost()): void {
    if (this.port) this.end = error;
    this.spoilt = true;
    this.port?.close();
    this.port = null;
    this.element.remove();
    this.failReady(error);
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }

  /** First the empty document, then each page that was written into it. One more means that the page went elsewhere. */
  private onLoad(ready: () => void): void {
    this.loads++;
    if (this.loads === 1) {
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      const hello: FrameHello = { type: 'browser-grpo:hello' };
      port1.onmessage = event => this.onMessage(event.data, ready);
      this.element.contentWindow?.postMessage(hello, '*', [port2]);
    } else if (this.loads > this.expectedLoads) {
      this.dispose(navigatedAway());
    }
  }

  private onMessage(data: unknown, ready: () => void): void {
    const notice = noticeOf(data);
    if (notice === 'ready') {
      ready();
      return;
    }
    if (notice === 'left') {
      this.dispose(navigatedAway());
      return;
    }
    const id = typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined;
    const pending = typeof id === 'number' ? this.pending.get(id) : undefined;
    if (!pending || typeof id !== 'number') {
      // Nobody asked. Whatever waits next is told, because the frame's agent is not alone at its port.
      const [first] = this.pending.entries();
      if (first) this.settle(first[0], data);
      return;
    }
    this.settle(id, data);
  }

  private keepPicture({ observation, pictureKnown }: FrameState, pictures: StartPictures | null): void {
    if (!observation.screenshot || pictureKnown !== null) return;
    this.picture = copyOf(observation.screenshot);
    pictures?.keep(this.picture);
    documents++;
    if (++drawn % PICTURES_A_COLLECTION === 0) this.tell({ type: 'collect' });
  }

  /** When it is time. A frame that does not listen yet leaves it to the next. */
  private collectThoroughly(): void {
    if (++documents < DOCUMENTS_A_THOROUGH_COLLECTION || !this.port) return;
    documents = 0;
    this.tell({ type: 'collect-thoroughly' });
  }

  private tell(notice: FrameNotice): void {
    this.port?.postMessage(notice);
  }

  private settle(id: number, data: unknown): void {
    const { ask, pictures, offered, resolve, reject } = this.pending.get(id)!;
    this.pending.delete(id);
    try {
      const pictureOf = (name: string) =>
        this.picture?.name === name ? this.picture : (offered.get(name) ?? null);
      const reply = checkReply(data, { id, type: ask.type }, pictureOf);
      // Its address is not what the next page would find.
      if (reply.type === 'state' && reply.state.left) this.spoil();
      if (reply.type === 'state') this.keepPicture(reply.state, pictures);
      resolve(reply);
    } catch (error) {
      reject(error as EnvironmentError);
    }
  }
}

type ReplyType<A extends Ask> = A extends { type: 'oracle' }
  ? 'oracle'
  : A extends { type: 'ping' }
    ? 'pong'
    : A extends { type: 'load' }
      ? 'loaded'
      : A extends { type: 'resize' }
        ? 'resized'
        : A extends { type: 'locate' }
          ? 'located'
          : 'state';

function lost(): EnvironmentError {
  return new EnvironmentError('frame-lost', {
    message: 'The task’s frame is gone; reset the slot to get a new one.',
  });
}

function navigatedAway(): EnvironmentError {
  return new EnvironmentError('frame-lost', {
    message: 'The task’s page navigated away from itself; the episode is dropped.',
  });
}
