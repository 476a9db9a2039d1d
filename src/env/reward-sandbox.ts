/**
 * A user's own reward function, run where it can do no harm: in a worker of an opaque-origin frame, without network, and no
 * longer than its time. A thread of its own, because all sandboxed frames share one and an endless loop would stop the tasks.
 */
import { CodedError } from '../errors.ts';
import type { JudgedEpisode } from '../protocol.ts';

/** ms for all the episodes of one call, the start of the frame included. */
export const REWARD_TIME = 5_000;

/** The worker: evaluates the source once, then judges each episode; what it returns must be a number or nothing. */
const WORKER = `
onmessage = ({ data: { source, episodes } }) => {
  try {
    const reward = (0, eval)('(' + source + '\\n)');
    if (typeof reward !== 'function') throw new TypeError('it is no function');
    const values = episodes.map(episode => {
      const value = reward(episode) ?? null;
      if (value !== null && typeof value !== 'number') throw new TypeError('it returned ' + typeof value + ' instead of a number or null');
      return value;
    });
    postMessage({ values });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};`;

/** The frame starts the worker and passes messages; a page's script cannot reach the worker's answer but through it. */
const PAGE = `<!doctype html><meta http-equiv="content-security-policy"
  content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:">
<script>
  const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(WORKER)}], { type: 'text/javascript' })));
  onmessage = ({ data, ports: [port] }) => {
    worker.onmessage = event => port.postMessage(event.data);
    worker.onerror = event => port.postMessage({ error: event.message || 'the worker did not start' });
    worker.postMessage(data);
  };
</script>`;

/**
 * @param parent  element of the page that gets the frame for as long as it takes.
 * @throws {CodedError} `reward-function`
 */
export async function judgeEpisodes(
  parent: HTMLElement,
  source: string,
  episodes: JudgedEpisode[],
): Promise<(number | null)[]> {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.style.display = 'none';
  frame.srcdoc = PAGE;
  const { port1, port2 } = new MessageChannel();
  try {
    const answer = await new Promise<unknown>(resolve => {
      setTimeout(() => resolve({ error: `it took longer than ${REWARD_TIME / 1000} s` }), REWARD_TIME);
      port1.onmessage = event => resolve(event.data);
      frame.onload = () => frame.contentWindow?.postMessage({ source, episodes }, '*', [port2]);
      parent.append(frame);
    });
    return checked(answer, episodes.length);
  } finally {
    port1.close();
    frame.remove();
  }
}

/** Nothing that comes out of a sandbox is trusted to be what it should be. */
function checked(answer: unknown, count: number): (number | null)[] {
  const { values, error } = (answer ?? {}) as { values?: unknown; error?: unknown };
  const sound =
    Array.isArray(values) &&
    values.length === count &&
    values.every((value): value is number | null => value === null || typeof value === 'number');
  if (sound) return values;
  const why = typeof error === 'string' ? error : 'its answer is not one number or null for each episode';
  throw new CodedError('reward-function', {
    message: `custom_reward failed: ${why}. It must be a JavaScript function of one episode that returns a number or null, such as episode => episode.success ? 1 : 0.`,
  });
}
