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
  const settle = () => (settled = true);
  work.then(settle, settle);
  const guard = async (): Promise<never> => {
    for (let signs = 0; signs < MOST_SIGNS; signs++) {
      await sleep(timeout, () => settled);
      const alive = await Promise.race([sign(frame()), sleep(timeout, () => settled).then(() => false)]);
      if (!alive) throw new EnvironmentError('frame-hung', { message: 'The frame gives no sign of life.' });
    }
    throw new EnvironmentError('page-never-loaded', {
      message: `The task's page is alive, but was not done after ${(MOST_SIGNS * timeout) / 1000} s; is it waiting for a file?`,
    });
  };
  return Promise.race([work, guard()]);
}

async function sign(frame: SandboxedFrame | null): Promise<boolean> {
  if (!frame) return false;
  await frame.ask({ type: 'ping' });
  return true;
}

/** Never resolves once the work is settled, so that the race is over. */
function sleep(ms: number, settled: () => boolean): Promise<void> {
  return new Promise(resolve => setTimeout(() => settled() || resolve(), ms));
}
