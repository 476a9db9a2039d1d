/** Vitest's global setup: one server for all that must not be reached. */
import type { TestProject } from 'vitest/node';
import { OutsideServer } from './server.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await OutsideServer.start();
  project.provide('outside', { address: server.address, udpPort: server.udpPort });
  return () => server.stop();
}
