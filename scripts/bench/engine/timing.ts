/** Wall time of work on the GPU. */
import { checkGpu } from '../../../src/gpu/index.ts';

/**
 * Seconds from an idle GPU to an idle GPU: the median of `rounds` after one that does not count.
 * @param prepare  makes what a round works on, outside its time
 */
export async function timed<T = void>(
  rounds: number,
  work: (prepared: T) => unknown,
  prepare?: () => T,
): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const prepared = prepare?.() as T;
    await checkGpu();
    const start = performance.now();
    await work(prepared);
    await checkGpu();
    if (round > 0) seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

export function ms(seconds: number): string {
  return `${(1000 * seconds).toFixed(2)} ms`;
}
