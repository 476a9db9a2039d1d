/**
 * tfjs keeps the buffer of a tensor that was disposed of from others until the commands that read it are submitted, so that a
 * pass finds few buffers free, and asks for more or submits early. Commands run in the order in which they are recorded: what a
 * later one writes into that buffer, the earlier ones have read. Here it is free at once.
 *
 * That holds for all that writes by a recorded command, as every kernel and every upload does. What writes when it is called
 * (`queue.writeBuffer`, mapping) must not do so into a buffer of a tensor; the arena's have a usage, and so a pool, of their own.
 */
import type { WebGpuInternals } from '../internals.ts';

/** Makes no tensor wait for a submit. */
export function releaseAtOnce(inner: WebGpuInternals): void {
  const nobody = { add: () => new WeakSet(), has: () => false };
  // tfjs makes a new set after every submit.
  Object.defineProperty(inner, 'commandQueueOwnedIds', { get: () => nobody, set() {} });
}
