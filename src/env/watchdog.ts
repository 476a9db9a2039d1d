/** Tells a frame that hangs from one that is slow. */
import { EnvironmentError } from './errors.ts';
import type { SandboxedFrame } from './sandboxed-frame.ts';

/** Signs of life after which a frame that still does not answer is given up. */
const MOST_SIGNS = 3;

/**
 * `work`, or a rejection when the frame has gone quiet: every `timeout` ms the agent is asked for a sign of life, which it
 * gives between any two tasks of its event loop.
 *
 * @throws {EnvironmentError} `frame-hung` without a sign within another `timeout`; `page-never-loaded` with three of them and
 *   still no answer: the agent waits for something that does not come.
 */
export async function unlessHung<T>(
  work: Promise<T>,
  frame: () => SandboxedFrame | null,
  timeout: number,
): Promise<T> {
  let settled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () =>
    new Promise<false>(resolve => {
      if (!settled) timer = setTimeout(resolve, timeout, false);
    });
  const guard = async (): Promise<never> => {
    for (let signs = 0; signs < MOST_SIGNS; signs++) {
      await wait();
      const alive = await Promise.race([sign(frame()), wait()]);
      clearTimeout(timer);
      if (!alive) throw new EnvironmentError('frame-hung', { message: 'The frame gives no sign of life.' });
    }
    throw new EnvironmentError('page-never-loaded', {
      message: `The task's page is alive, but was not done after ${(MOST_SIGNS * timeout) / 1000} s; is it waiting for a file?`,
    });
  };
  try {
    return await Promise.race([work, guard()]);
  } finally {
    settled = true;
    // A timer that runs on would keep what the work gave, pixels and all, for as long.
    clearTimeout(timer);
  }
}

async function sign(frame: SandboxedFrame | null): Promise<boolean> {
  if (!frame) return false;
  await frame.ask({ type: 'ping' });
  return true;
}
