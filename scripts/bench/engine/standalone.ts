/** The bench of the engine without npm: `node dist-bench/run.mjs --shapes … --browser PATH --browser-args "…"`. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../options.ts';
import { ENGINE_USAGE, runEngineBench } from './run.ts';

try {
  await runEngineBench(process.argv.slice(2), dirname(fileURLToPath(import.meta.url)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${ENGINE_USAGE}`);
  process.exitCode = 1;
}
