/** `npm test`, after the static checks: unit tests in Node and real Chromium, then a user's acts against the built page. */
import { findChromium } from './chromium.ts';
import { start } from './test/process.ts';
import { unitTests } from './test/unit.ts';

// Found or installed once, here: the runners below start their own processes and take it from the environment.
process.env.BROWSER_PATH = findChromium();
console.log(`Chromium: ${process.env.BROWSER_PATH}`);

// The oracles' episodes keep one processor busy for minutes; everything else runs on the others meanwhile.
const [episodes, others] = await Promise.all([
  unitTests(['--config', 'vitest.tasks.config.ts'], 'pipe'),
  unitTests([], 'inherit'),
]);
// What failed stands last, and of what passed a summary: who keeps only the end of a log should not lose the reason.
if (episodes.passed)
  console.log(['The oracles’ episodes:', ...episodes.printed.trim().split('\n').slice(-4)].join('\n'));
else console.log(episodes.printed);
if (!others.passed) console.log('Failed: unit tests beside the oracles’ episodes; their reasons are above.');
if (!episodes.passed || !others.passed) process.exit(1);

const status = await start('playwright', ['test'], 'inherit').ended;
const again = [...episodes.again, ...others.again];
if (again.length > 0) console.log(`Not steady, passed at the second run: ${again.join(', ')}`);
process.exit(status);
