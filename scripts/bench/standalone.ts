/** The benches without npm: `node dist-bench/run.mjs engine|kernels … --browser PATH --browser-args "…"`. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../options.ts';
import { ENGINE_USAGE, runEngineBench } from './engine/run.ts';
import { KERNELS_USAGE, runKernelBench } from './kernels/run.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const [what, ...argv] = process.argv.slice(2);

try {
  if (what === 'kernels') process.exitCode = (await runKernelBench(argv, folder)) ? 0 : 1;
  // The name may be left out.
  else await runEngineBench(what === 'engine' ? argv : process.argv.slice(2), folder);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${ENGINE_USAGE}\n${KERNELS_USAGE}`);
  process.exitCode = 1;
}
