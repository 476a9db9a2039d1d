/** `npm run bench -- env|kernels|engine`: speeds, measured and printed; nothing is asserted here. */
import { writeFileSync } from 'node:fs';
import { buildBenches } from './bench/build.ts';
import { ENGINE_USAGE, runEngineBench } from './bench/engine/run.ts';
import { KERNELS_USAGE, runKernelBench } from './bench/kernels/run.ts';
import { readOptions, UsageError, wholeNumber } from './options.ts';
import { openPage } from './served-page.ts';

const USAGE = `npm run bench -- env [--frames N] [--tasks a,b]
          [--json FILE] [--browser PATH] [--browser-args "…"]
${KERNELS_USAGE}
${ENGINE_USAGE}`;

/** What BrowserGym takes on 2 cores, for scale: 2.2 s to reset and 0.65 s to step. */
const BROWSERGYM_MS = { resetMs: 2200, stepAxtreeMs: 650, stepAxtreeScreenshotMs: 650 };

const argv = process.argv.slice(2);
if (argv[0] === 'engine' || argv[0] === 'kernels') {
  await guarded(async () => {
    const folder = await buildBenches(argv.includes('--reuse-build'));
    if (argv[0] === 'engine') await runEngineBench(argv.slice(1), folder);
    else if (!(await runKernelBench(argv.slice(1), folder))) process.exitCode = 1;
  });
  process.exit();
}
const { options, rest } = readOptions(argv, {
  frames: 'value',
  tasks: 'value',
  json: 'value',
  browser: 'value',
  'browser-args': 'value',
});
const browser = {
  path: options.get('browser'),
  args: options.get('browser-args')?.split(/\s+/).filter(Boolean),
};

await guarded(async () => {
  const result = await bench(rest[0]);
  const file = options.get('json');
  if (file) writeFileSync(file, JSON.stringify(result, null, 2) + '\n');
});

/** Tells a wrong option from a failure. */
async function guarded(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 1;
  }
}

async function bench(what: string | undefined): Promise<unknown> {
  if (what === 'env') return benchEnvironment();
  throw new UsageError(what ? `There is no benchmark "${what}".` : 'Say which benchmark.');
}

async function benchEnvironment(): Promise<Record<string, number>> {
  const served = await openPage(browser);
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    const result = await served.page.evaluate(chosen => window.browserGrpo!.bench('env', chosen), {
      frames: wholeNumber(options, 'frames', 1) ?? 8,
      tasks: options.get('tasks')?.split(','),
    });
    for (const [name, value] of Object.entries(result)) {
      const theirs = (BROWSERGYM_MS as Record<string, number>)[name.replace('alone_', '')];
      const scale = theirs ? `  (BrowserGym ${theirs} ms: ${(theirs / value).toFixed(0)} times)` : '';
      console.log(`${name.padEnd(30)} ${value.toFixed(1)}${scale}`);
    }
    return result;
  } finally {
    await served.close();
  }
}
