/** Vitest's global setup: one server for all browser tests; each test has an address of its own on it. */
import type { TestProject } from 'vitest/node';
import type {} from './context.ts';
import { OpenEnvServer } from './server.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await OpenEnvServer.start();
  project.provide('openenv', server.address);
  return () => server.stop();
}
