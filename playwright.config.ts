/** User tests: the built page, served under a path of its own, in headless Chromium. */
import { defineConfig } from '@playwright/test';
import { createServer, type AddressInfo } from 'node:net';
import { findChromium, SOFTWARE_GPU_ARGS } from './scripts/chromium.ts';

// Test processes read this file again and must come to the same address.
process.env.E2E_PORT ??= String(await freePort());

const SITE = 'out/e2e-site';
/** Not at the root: a build must work under any path. */
const BASE = '/some/where/';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: true,
  // Named as flaky when it needed the second: a browser and a loaded machine fail now and then where the page does not.
  retries: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${process.env.E2E_PORT}${BASE}`,
    viewport: { width: 1280, height: 900 },
    launchOptions: { executablePath: findChromium(), args: SOFTWARE_GPU_ARGS },
  },
  webServer: {
    command: `npx vite build --logLevel warn --outDir ${SITE} --emptyOutDir && npx vite preview --outDir ${SITE} --base ${BASE} --host localhost --port ${process.env.E2E_PORT} --strictPort`,
    url: `http://localhost:${process.env.E2E_PORT}${BASE}`,
    timeout: 120_000,
  },
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
