/** `npm run trl-loss -- FILE…`: how far our losses, gradients and metrics are from those that TRL recorded. No browser. */
// The whole package, because its core alone has no gradients registered in Node.
import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { arithmeticOf, compareResult, worst, type TrlArithmetic } from '../src/grpo/recorded/compare.ts';
import { readRecordedFile } from '../src/grpo/recorded/file.ts';
import { readOptions, UsageError } from './options.ts';

/** float32 sums of some dozens of terms. */
const TOLERANCE = 1e-5;

const USAGE = `npm run trl-loss -- FILE… [--trl VERSION]
  FILE           recorded settings, laid out as tests/fixtures/trl_loss/losses.json
  --trl VERSION  1.10.0.dev0 or 1.10.0: whose normalisers to follow (default: what the file's trl_version says;
                 1.10.0.dev0 for "unknown")
Prints for each setting the largest error of loss, gradient and metrics: absolute, and relative to values above 1.
Exits with 1 when one is above ${TOLERANCE}, and with 2 when a file or a setting cannot be read.`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 2;
}

async function main(argv: string[]): Promise<number> {
  const { options, rest: files } = readOptions(argv, { trl: 'value', help: 'flag' });
  if (options.has('help')) {
    console.log(USAGE);
    return 0;
  }
  if (files.length === 0) throw new UsageError('Name at least one file of recorded losses.');
  tf.enableProdMode(); // Without it, the first operation prints an advertisement.
  await tf.setBackend('cpu');
  let code = 0;
  for (const file of files) code = Math.max(code, await compareFile(file, options.get('trl')));
  return code;
}

async function compareFile(path: string, version: string | undefined): Promise<number> {
  let file;
  try {
    file = readRecordedFile(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    console.error(`${path}: ${(error as Error).message}`);
    return 2;
  }
  const arithmetic: TrlArithmetic = arithmeticOf(version ?? file.trl_version);
  console.log(`${path}: ${file.results.length} settings, arithmetic of TRL ${arithmetic}`);
  console.log('   loss      gradient  metrics   setting');
  let [held, unread] = [0, 0];
  for (const result of file.results) {
    const setting = describe(result.settings);
    try {
      const errors = await compareResult(file, result, arithmetic);
      const holds = worst(errors) <= TOLERANCE;
      if (holds) held++;
      const metric = Object.entries(errors.metrics).sort((a, b) => b[1] - a[1])[0] ?? ['none', 0];
      const numbers = [errors.loss, errors.gradient, metric[1]].map(value =>
        value.toExponential(1).padEnd(8),
      );
      const culprit = metric[1] > TOLERANCE ? `  (${metric[0]})` : '';
      console.log(`${holds ? 'ok' : '!!'} ${numbers.join('  ')}  ${setting}${culprit}`);
    } catch (error) {
      unread++;
      console.log(`!! ${setting}: ${(error as Error).message}`);
    }
  }
  console.log(`${held} of ${file.results.length} settings hold within ${TOLERANCE}.`);
  return unread > 0 ? 2 : Number(held < file.results.length);
}

function describe(settings: Record<string, unknown>): string {
  return Object.entries(settings)
    .map(([name, value]) => (value === true ? name : `${name}=${String(value)}`))
    .join(' ');
}
