/** A frame in a process of its own is told its size by the browser: on a busy machine, after its first scripts ran. */
import { FrameError } from './frame-error.ts';
import { isRendered } from './geometry.ts';

/** Real ms to wait for a layout; the frame's own clock stands still meanwhile. */
const PATIENCE_MS = 3000;

// Taken before the virtual clock replaces it.
const realNow = performance.now.bind(performance);
const realTimeout = window.setTimeout.bind(window);

/** Real ms. */
const POLL_MS = 4;

/**
 * Resolves once the page has boxes. Without this, two of 1,600 episodes on a busy machine met elements without a size
 * (Chromium 156), and their first click failed.
 *
 * @throws {FrameError} `frame-not-rendered` when the browser gives the frame no layout.
 */
export async function layoutReady(): Promise<void> {
  const started = realNow();
  while (!hasLayout()) {
    if (realNow() - started > PATIENCE_MS)
      throw new FrameError(
        'frame-not-rendered',
        'The browser did not lay out the task’s frame. Keep the frames in the document and do not set display:none on them.',
      );
    await nextTask();
  }
}

function hasLayout(): boolean {
  return window.innerWidth > 0 && window.innerHeight > 0 && isRendered(document.documentElement);
}

/** Resolves once the frame has this size, in CSS pixels. A resize event would wait for a frame that may never be drawn. */
export async function sizeReady({ width, height }: { width: number; height: number }): Promise<void> {
  while (window.innerWidth !== width || window.innerHeight !== height)
    await new Promise(resolve => realTimeout(resolve, POLL_MS));
}

/** A turn of the browser's own event loop; the frame's timers are virtual. */
function nextTask(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
