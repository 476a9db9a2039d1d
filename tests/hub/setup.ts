/** Vitest's global setup: one Hub for all browser tests; each test brings its own repository. */
import type { TestProject } from 'vitest/node';
import { HubServer } from './server.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await HubServer.start();
  project.provide('hub', server.address);
  return () => server.stop();
}
