/** `npm run bench -- env|kernels|engine|load|learning`: speeds and curves, measured and printed; nothing is asserted here. */
import { writeFileSync } from 'node:fs';
import { buildBenches } from './bench/build.ts';
import { ENGINE_USAGE, runEngineBench } from './bench/engine/run.ts';
import { benchEnvironment } from './bench/environment.ts';
import { KERNELS_USAGE, runKernelBench } from './bench/kernels/run.ts';
import { LEARNING_USAGE, runLearningBench } from './bench/learning/run.ts';
import { LOAD_USAGE, runLoadBench } from './bench/load.ts';
import { BROWSER_OPTIONS, browserChoice } from './browser-choice.ts';
import { readOptions, UsageError, wholeNumber } from './options.ts';

const USAGE = `npm run bench -- env [--frames N] [--tasks a,b] [--soak EPISODES]
          [--json FILE] [--browser PATH] [--browser-args "…"]
${KERNELS_USAGE}
${ENGINE_USAGE}
${LOAD_USAGE}
${LEARNING_USAGE}`;

const argv = process.argv.slice(2);
if (argv[0] === 'engine' || argv[0] === 'kernels') {
  await guarded(async () => {
    const folder = await buildBenches(argv.includes('--reuse-build'));
    if (argv[0] === 'engine') await runEngineBench(argv.slice(1), folder);
    else if (!(await runKernelBench(argv.slice(1), folder))) process.exitCode = 1;
  });
  process.exit();
}
if (argv[0] === 'load') {
  await guarded(() => runLoadBench(argv.slice(1)));
  process.exit();
}
if (argv[0] === 'learning') {
  await guarded(() => runLearningBench(argv));
  process.exit();
}
const { options, rest } = readOptions(argv, {
  frames: 'value',
  tasks: 'value',
  soak: 'value',
  json: 'value',
  ...BROWSER_OPTIONS,
});
const browser = browserChoice(options);

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
  if (what === 'env')
    return benchEnvironment(browser, {
      frames: wholeNumber(options, 'frames', 1),
      tasks: options.get('tasks')?.split(','),
      soak: wholeNumber(options, 'soak', 1),
    });
  throw new UsageError(what ? `There is no benchmark "${what}".` : 'Say which benchmark.');
}
