/** `npm test`, after the static checks: unit tests in Node and real Chromium, then a user's acts against the built page. */
import { spawn } from 'node:child_process';
import { findChromium } from './chromium.ts';

// Found or installed once, here: the runners below start their own processes and take it from the environment.
process.env.BROWSER_PATH = findChromium();
console.log(`Chromium: ${process.env.BROWSER_PATH}`);

// The oracles' episodes keep one processor busy for minutes; everything else runs on the others meanwhile, and speaks first.
const episodes = start('vitest', ['run', '--config', 'vitest.tasks.config.ts'], 'pipe');
const others = start('vitest', ['run'], 'inherit');
const failed = { others: (await others.ended) !== 0, episodes: (await episodes.ended) !== 0 };
// Last stands what failed, and a summary of what passed: who keeps only the end of a log should not lose the reason.
if (failed.episodes) console.log(episodes.output());
else console.log(['The oracles’ episodes:', ...episodes.output().trim().split('\n').slice(-4)].join('\n'));
if (failed.others) console.log('Failed: unit tests beside the oracles’ episodes; their reasons are above.');
if (failed.others || failed.episodes) process.exit(1);

process.exit(await start('playwright', ['test'], 'inherit').ended);

interface Run {
  /** Its exit status. */
  ended: Promise<number>;
  /** What it printed, where that was kept back. */
  output(): string;
}

function start(command: string, args: string[], out: 'inherit' | 'pipe'): Run {
  const child = spawn('npx', [command, ...args], { stdio: ['inherit', out, out] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void printed.push(chunk));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve(status ?? 1));
  });
  return { ended, output: () => Buffer.concat(printed).toString() };
}
