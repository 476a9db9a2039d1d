/** `npm run bench -- kernels`: opens the built page in Chromium, prints what it measured or checked. */
import { writeFileSync } from 'node:fs';
import { BROWSER_OPTIONS } from '../../browser-choice.ts';
import { readOptions, UsageError } from '../../options.ts';
import { openBenchPage } from '../bench-page.ts';
import type { KernelReply, KernelRequest } from './page.ts';

export const KERNELS_USAGE = `npm run bench -- kernels [--size small|large] [--check] [--filter NAME] [--backend webgpu|wasm]
          [--json FILE] [--browser PATH] [--browser-args "…"] [--reuse-build]`;

/**
 * @param folder  where the built page lies.
 * @returns false when a check failed.
 * @throws {UsageError}
 */
export async function runKernelBench(argv: string[], folder: string): Promise<boolean> {
  const { options } = readOptions(argv, {
    size: 'value',
    check: 'flag',
    filter: 'value',
    backend: 'value',
    json: 'value',
    ...BROWSER_OPTIONS,
    'reuse-build': 'flag',
  });
  const backend = options.get('backend') ?? 'webgpu';
  if (backend !== 'webgpu' && backend !== 'wasm') throw new UsageError('--backend takes webgpu or wasm.');
  const size = options.get('size') ?? 'small';
  if (size !== 'small' && size !== 'large') throw new UsageError('--size takes small or large.');
  const request: KernelRequest = {
    backend,
    size,
    check: options.has('check'),
    filter: options.get('filter') ?? '',
  };
  const { page, close } = await openBenchPage(folder, 'scripts/bench/kernels/index.html', options);
  try {
    await page.waitForFunction(() => window.benchKernels !== undefined);
    const reply = await page.evaluate(asked => window.benchKernels!(asked), request);
    const file = options.get('json');
    if (file) writeFileSync(file, JSON.stringify(reply, null, 2) + '\n');
    return print(reply);
  } finally {
    await close();
  }
}

/** @returns false when a check failed. */
function print({ info, checks, small }: KernelReply): boolean {
  console.log(
    `${info.backend} on ${info.name}${info.software ? ' (software)' : ''}: ${info.features.join(', ')}`,
  );
  if (checks) {
    const failed = checks.filter(({ error }) => error !== null);
    const run = checks.filter(({ skipped }) => skipped === null);
    for (const { file, name, skipped } of checks)
      if (skipped !== null) console.log(`not run ${file}: ${name}: ${skipped}`);
    for (const { file, name, error } of failed) console.error(`FAILS ${file}: ${name}\n  ${error}`);
    const seconds = checks.reduce((sum, { ms }) => sum + ms, 0) / 1000;
    console.log(
      `check: ${run.length - failed.length} of ${run.length} tests hold, ${checks.length - run.length} not run, ${seconds.toFixed(0)} s`,
    );
    return failed.length === 0 && run.length > 0;
  }
  if (!small) return true;
  console.log('kernel, with its gradient      ours ms  stock tfjs ms   times');
  for (const { name, fused, composed } of small) {
    const ratio = composed === null ? '' : (composed / fused).toFixed(1);
    console.log(
      `${name.padEnd(30)} ${fused.toFixed(2).padStart(8)} ${(composed?.toFixed(2) ?? '-').padStart(14)} ${ratio.padStart(7)}`,
    );
  }
  return true;
}
