/** `npm test`, after the static checks: unit tests in Node and real Chromium, then a user's acts against the built page. */
import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium.ts';

// Found or installed once, here: the runners below start their own processes and take it from the environment.
process.env.BROWSER_PATH = findChromium();
console.log(`Chromium: ${process.env.BROWSER_PATH}`);

for (const [command, ...args] of [
  ['vitest', 'run'],
  ['playwright', 'test'],
]) {
  const { status } = spawnSync('npx', [command, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
