/** For tests in the browser: the test Hub's repositories, faults and log, and a worker that downloads from it. */
import * as Comlink from 'comlink';
import { inject } from 'vitest';
import type { LoggedRequest, Steer } from '../../../tests/hub/orders.ts';
import type { Probe } from './probe.testing.ts';

export const HUB = inject('hub');

export async function steer(order: Steer): Promise<unknown> {
  const response = await fetch(`${HUB}/steer`, { method: 'POST', body: JSON.stringify(order) });
  return response.json();
}

/** GETs of a file, in order. */
export async function requestsFor(text: string): Promise<LoggedRequest[]> {
  const log = (await steer({ log: text })) as LoggedRequest[];
  return log.filter(entry => entry.method === 'GET');
}

export function startProbe(): { probe: Comlink.Remote<Probe>; end(): void } {
  const worker = new Worker(new URL('./probe.testing.ts', import.meta.url), { type: 'module' });
  return { probe: Comlink.wrap<Probe>(worker), end: () => worker.terminate() };
}
