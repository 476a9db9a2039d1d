/** Wall time of work on the GPU. */
import { checkGpu } from '../../../src/gpu/index.ts';
import { resetSubmits, submitTimes } from './meter.ts';

/** Of a pass that is recorded in one go; seconds from its beginning, medians of its rounds. */
export interface PassTime {
  /** Until the GPU was idle again. */
  wall: number;
  /** Until the processor had told the GPU all of it: the last submit. */
  encode: number;
  /** Until the GPU could begin: the first submit. */
  first: number;
  submits: number;
}

/**
 * From an idle GPU to an idle GPU: the medians of `rounds` after one that does not count.
 * @param prepare  makes what a round works on, outside its time
 */
export async function timedPass<T = void>(
  rounds: number,
  work: (prepared: T) => unknown,
  prepare?: () => T,
): Promise<PassTime> {
  const times: PassTime[] = [];
  for (let round = 0; round <= rounds; round++) {
    const prepared = prepare?.() as T;
    await checkGpu();
    resetSubmits();
    const start = performance.now();
    await work(prepared);
    await checkGpu();
    const since = (end: number): number => (end - start) / 1000;
    const submits = submitTimes();
    const [first, last] = [submits[0] ?? start, submits.at(-1) ?? start];
    if (round > 0)
      times.push({
        wall: since(performance.now()),
        encode: since(last),
        first: since(first),
        submits: submits.length,
      });
  }
  const of = (part: keyof PassTime): number => median(times.map(time => time[part]));
  return { wall: of('wall'), encode: of('encode'), first: of('first'), submits: of('submits') };
}

/** Seconds of `timedPass` by the wall's clock. */
export async function timed<T = void>(
  rounds: number,
  work: (prepared: T) => unknown,
  prepare?: () => T,
): Promise<number> {
  return (await timedPass(rounds, work, prepare)).wall;
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

export function ms(seconds: number): string {
  return `${(1000 * seconds).toFixed(2)} ms`;
}
