/** Yields to the frame's event loop without timers, which browsers slow down in hidden tabs. */

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
const post = channel.port2.postMessage.bind(channel.port2);

/** Resolves in a later task, after every microtask that is queued now has run. */
export function macrotask(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve);
    post(null);
  });
}
