/**
 * `npm run bench -- engine`: builds the page of the bench (or takes the one that was built), runs it in Chromium and prints.
 *
 * The build is a folder that needs nothing else: `node dist-bench/run.mjs …` does the same on a machine that has Node,
 * playwright-core and a Chromium but no package registry.
 */
import { writeFileSync } from 'node:fs';
import { BROWSER_OPTIONS } from '../../browser-choice.ts';
import { readOptions, UsageError, wholeNumber } from '../../options.ts';
import { openBenchPage } from '../bench-page.ts';

import type { EngineReport, EngineRequest } from './page.ts';
import { printReport } from './print.ts';
import type { Work } from './work.ts';

export const ENGINE_USAGE = `npm run bench -- engine --shapes lfm2-vl-450m|lfm2-vl-1.6b|nano [--weights f32|f16|int8|int4]
          [--batch 8] [--prompt 454] [--image-tokens 70] [--new 32] [--rank 8] [--group N] [--rounds 3] [--sweep]
          [--decode plan|steps|both] [--checkpointing] [--fp16] [--profile] [--json FILE] [--browser PATH] [--browser-args "…"] [--reuse-build]`;

const SHAPES = ['lfm2-vl-450m', 'lfm2-vl-1.6b', 'nano'] as const;

const WEIGHTS = ['f32', 'f16', 'int8', 'int4'] as const;

const DECODES = ['plan', 'steps', 'both'] as const;

const KNOWN = {
  shapes: 'value',
  decode: 'value',
  checkpointing: 'flag',
  fp16: 'flag',
  profile: 'flag',
  weights: 'value',
  batch: 'value',
  prompt: 'value',
  'image-tokens': 'value',
  new: 'value',
  rank: 'value',
  group: 'value',
  rounds: 'value',
  sweep: 'flag',
  json: 'value',
  ...BROWSER_OPTIONS,
  'reuse-build': 'flag',
} as const;

/** @param folder  where the built page lies. @throws {UsageError} */
export async function runEngineBench(argv: string[], folder: string): Promise<void> {
  const { options } = readOptions(argv, KNOWN);
  const request = requestOf(options);
  const { page, close } = await openBenchPage(folder, 'scripts/bench/engine/index.html', options);
  try {
    await page.waitForFunction(() => window.benchEngine !== undefined);
    const report: EngineReport = await page.evaluate(asked => window.benchEngine!(asked), request);
    printReport(`${request.shape}, ${request.weights} weights`, report);
    const file = options.get('json');
    if (file)
      writeFileSync(
        file,
        JSON.stringify({ shape: request.shape, weights: request.weights, ...report }, null, 2) + '\n',
      );
  } finally {
    await close();
  }
}

function requestOf(options: Map<string, string>): EngineRequest {
  const shape = SHAPES.find(name => name === options.get('shapes'));
  if (!shape) throw new UsageError(`--shapes takes one of ${SHAPES.join(', ')}.`);
  const weights = WEIGHTS.find(name => name === (options.get('weights') ?? 'f32'));
  if (!weights) throw new UsageError(`--weights takes one of ${WEIGHTS.join(', ')}.`);
  const decode = DECODES.find(name => name === (options.get('decode') ?? 'plan'));
  if (!decode) throw new UsageError(`--decode takes one of ${DECODES.join(', ')}.`);
  const batch = wholeNumber(options, 'batch', 1) ?? 8;
  const newTokens = wholeNumber(options, 'new', 2) ?? 32;
  const work: Work = {
    batch,
    newTokens,
    prompt: wholeNumber(options, 'prompt', 2) ?? 454,
    imageTokens: wholeNumber(options, 'image-tokens', 0) ?? 70,
    rank: wholeNumber(options, 'rank', 1) ?? 8,
    group: wholeNumber(options, 'group', 1) ?? Math.min(8, batch),
    rounds: wholeNumber(options, 'rounds', 1) ?? 3,
    decode: decode === 'both' ? 'plan' : decode,
    checkpointing: options.has('checkpointing'),
    profile: options.has('profile'),
    fp16: options.has('fp16'),
  };
  if (work.imageTokens > 0 && work.prompt < work.imageTokens + 21)
    throw new UsageError(`--prompt ${work.prompt} has no room for --image-tokens ${work.imageTokens}.`);
  if (decode === 'both' && options.has('sweep'))
    throw new UsageError('--decode both compares one work, --sweep runs many.');
  if (decode === 'both') return { shape, weights, works: [{ ...work, decode: 'steps' }, work] };
  return { shape, weights, works: options.has('sweep') ? sweep(work) : [work] };
}

/** One quantity changes at a time. */
function sweep(work: Work): Work[] {
  const vary = <K extends keyof Work>(key: K, values: number[]): Work[] =>
    values.map(value => ({ ...work, rounds: 1, [key]: value }));
  return [
    ...vary('batch', [1, 2, 4, 8, 16, 32, 64]).map(row => ({ ...row, group: Math.min(8, row.batch) })),
    ...vary('prompt', [128, 256, 512, 1024, 2048]),
    ...vary('rank', [4, 8, 16, 32, 64]),
  ];
}
