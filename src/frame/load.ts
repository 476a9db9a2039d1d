/** Puts the task's page into this frame, whose window the agent has already prepared. */
import { FrameError } from './frame-error.ts';

/**
 * Writes the document and waits until its load event is over. A page that waits for a resource forever is the host's to give up on.
 *
 * @param hook  runs after document.open(), which drops listeners of the window, and before the first script of the page.
 * @throws {FrameError} `page-threw` when a script throws while the page loads.
 */
export async function loadPage(html: string, hook: () => void): Promise<void> {
  Math.random = unseededRandom();
  document.open();
  hook();
  const failures: string[] = [];
  const onError = (event: ErrorEvent) => failures.push(event.message);
  const onRejection = (event: PromiseRejectionEvent) => failures.push(String(event.reason));
  window.addEventListener('error', onError);
  window.addEventListener('unhandledrejection', onRejection);
  // Comes right after the page's last load listener; waiting for the next task would wait for the browser to paint.
  const shown = new Promise<void>(resolve =>
    window.addEventListener('pageshow', () => resolve(), { once: true }),
  );
  document.write(html);
  document.close();
  await shown;
  window.removeEventListener('error', onError);
  window.removeEventListener('unhandledrejection', onRejection);
  if (failures.length > 0)
    throw new FrameError('page-threw', `The task's page threw while it loaded: ${failures.join('; ')}`);
}

/** Until Math.seedrandom, what a page draws while it loads must not differ from load to load. */
function unseededRandom(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
