/** `npm run bench -- env|kernels|engine`: speeds, measured and printed; nothing is asserted here. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { findChromium, SOFTWARE_GPU_ARGS } from './chromium.ts';
import { buildEngineBench } from './bench/engine/build.ts';
import { ENGINE_USAGE, runEngineBench } from './bench/engine/run.ts';
import { readOptions, UsageError, wholeNumber } from './options.ts';
import { openPage } from './served-page.ts';

const USAGE = `npm run bench -- env [--frames N] [--tasks a,b]
npm run bench -- kernels [--backend webgpu|wasm]
  both: [--json FILE] [--browser PATH] [--browser-args "…"]
${ENGINE_USAGE}`;

/** What BrowserGym takes on 2 cores, for scale: 2.2 s to reset and 0.65 s to step. */
const BROWSERGYM_MS = { resetMs: 2200, stepAxtreeMs: 650, stepAxtreeScreenshotMs: 650 };

const argv = process.argv.slice(2);
if (argv[0] === 'engine') {
  await guarded(async () => {
    const folder = await buildEngineBench(argv.includes('--reuse-build'));
    await runEngineBench(argv.slice(1), folder);
  });
  process.exit();
}
const { options, rest } = readOptions(argv, {
  frames: 'value',
  tasks: 'value',
  backend: 'value',
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
  if (what === 'kernels') return benchKernels();
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

async function benchKernels(): Promise<unknown> {
  const backend = options.get('backend') ?? 'webgpu';
  if (backend !== 'webgpu' && backend !== 'wasm') throw new UsageError('--backend takes webgpu or wasm.');
  const root = fileURLToPath(new URL('..', import.meta.url));
  const server = await createServer({
    root,
    configFile: join(root, 'vite.config.ts'),
    cacheDir: join(root, 'node_modules/.vite/bench'),
    server: { host: 'localhost', port: 0, hmr: false, watch: null },
    logLevel: 'warn',
  });
  await server.listen();
  const chrome = await chromium.launch({
    executablePath: findChromium(browser.path),
    args: browser.args ?? SOFTWARE_GPU_ARGS,
  });
  try {
    const page = await chrome.newPage();
    page.on('pageerror', error => console.error(`page error: ${error.stack ?? error.message}`));
    await page.goto(`${server.resolvedUrls!.local[0]}scripts/bench/kernels.html`);
    await page.waitForFunction(() => window.benchKernelsOn !== undefined);
    const result = await page.evaluate(name => window.benchKernelsOn!(name), backend as 'webgpu' | 'wasm');
    console.log(`${result.info.backend} on ${result.info.name}${result.info.software ? ' (software)' : ''}`);
    console.log('kernel, forward and backward   ours ms   stock tfjs ms   times');
    for (const { name, fused, composed } of result.timings) {
      const ratio = composed === null ? '' : (composed / fused).toFixed(1);
      console.log(
        `${name.padEnd(30)} ${fused.toFixed(2).padStart(8)} ${(composed?.toFixed(2) ?? '-').padStart(14)} ${ratio.padStart(7)}`,
      );
    }
    return result;
  } finally {
    await chrome.close();
    await server.close();
  }
}
