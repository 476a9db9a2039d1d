/**
 * `npm run parity -- DIR… [--backend webgpu|wasm] [--weights f16|int8|int4] [--export OUT] [--browser PATH] [--browser-args "…"]`: runs every
 * reference case of model folders in headless Chromium, prints the errors, and exits with 1 when one is out of tolerance.
 */
import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { createServer, type Plugin } from 'vite';
import {
  TOLERANCES,
  violations,
  type Measure,
  type ParityReply,
  type ParityRow,
} from '../src/models/parity/report.ts';
import { BROWSER_OPTIONS, browserChoice, launchOptions } from './browser-choice.ts';
import { readOptions } from './options.ts';

const BACKENDS = ['webgpu', 'wasm'] as const;
const PREFIX = '/parity-folder/';

const { options, rest: folders } = readOptions(process.argv.slice(2), {
  backend: 'value',
  weights: 'value',
  export: 'value',
  ...BROWSER_OPTIONS,
});
const chosen = BACKENDS.filter(backend => backend === (options.get('backend') ?? backend));
const weights = (['f32', 'f16', 'int8', 'int4'] as const).find(
  format => format === (options.get('weights') ?? 'f32'),
);
if (folders.length === 0 || chosen.length === 0 || !weights) {
  console.error(
    'Usage: npm run parity -- DIR… [--backend webgpu|wasm] [--weights f32|f16|int8|int4] [--browser PATH] [--browser-args "…"]',
  );
  process.exit(2);
}
for (const folder of folders)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`${folder} is not a folder.`);
    process.exit(2);
  }

const root = fileURLToPath(new URL('..', import.meta.url));
const server = await createServer({
  root,
  configFile: join(root, 'vite.config.ts'),
  // Beside, not in, the cache of a dev server or a test run that may be going on.
  cacheDir: join(root, 'node_modules/.vite/parity'),
  plugins: [folderPlugin(folders)],
  server: { host: 'localhost', port: 0, hmr: false, watch: null },
  logLevel: 'warn',
});
await server.listen();
const browser = await chromium.launch(launchOptions(browserChoice(options)));
let wrong: string[] = [];
let compared = 0;
try {
  const page = await browser.newPage();
  page.on('pageerror', error => console.error(`page error: ${error.stack ?? error.message}`));
  await page.goto(`${server.resolvedUrls!.local[0]}src/models/parity/index.html`);
  await page.waitForFunction(() => globalThis.compareFolderAt !== undefined);
  printHeader();
  for (const [index, folder] of folders.entries())
    for (const backend of chosen) {
      const reply = await compare(page, index, backend);
      if ('error' in reply) {
        wrong.push(`${folder} on ${backend}: ${reply.error.message} [${reply.error.code}]`);
        continue;
      }
      writeExported(folder, reply.exported);
      compared += reply.rows.length;
      reply.rows.forEach(row => printRow(folder, row));
      // Packed weights are rounded: their errors are what one wants to see, not a failure.
      if (weights === 'f32')
        wrong = wrong.concat(reply.rows.flatMap(violations).map(violation => `${folder}: ${violation}`));
    }
} finally {
  await browser.close();
  await server.close();
}
for (const line of wrong) console.error(line);
console.log(
  wrong.length === 0
    ? `parity: ${compared} comparisons within tolerance`
    : `parity: ${wrong.length} problems in ${compared} comparisons`,
);
process.exit(wrong.length === 0 ? 0 : 1);

function compare(page: Page, index: number, backend: (typeof BACKENDS)[number]): Promise<ParityReply> {
  const base = `${PREFIX}${index}/`;
  return page.evaluate(request => globalThis.compareFolderAt!(request), {
    base,
    paths: listFiles(folders[index]),
    backend,
    weights: weights!,
    exported: options.has('export'),
  });
}

/** Files for docs/models.md's check in Python, below the folder that --export names. */
function writeExported(folder: string, files: Record<string, string>): void {
  const out = options.get('export');
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(out!, basename(resolve(folder)), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(bytes, 'base64'));
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() || entry.isSymbolicLink())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

/** Serves the given folders, wherever they are, and nothing else of the disk. */
function folderPlugin(served: string[]): Plugin {
  return {
    name: 'parity-folders',
    configureServer({ middlewares }) {
      middlewares.use(PREFIX, (request, response, next) => {
        const [, index, ...parts] = decodeURIComponent(request.url ?? '').split('/');
        const folder = served[Number(index)];
        const path = folder === undefined ? undefined : resolve(folder, parts.join('/'));
        if (!path || relative(folder, path).startsWith('..')) return next();
        response.setHeader('content-type', 'application/octet-stream');
        createReadStream(path).on('error', next).pipe(response);
      });
    },
  };
}

function printHeader(): void {
  const limits = Object.entries(TOLERANCES).map(([measure, limit]) => `${measure} ${limit}`);
  console.log(
    `Largest errors; tolerances: ${limits.join(', ')} (pixels in grey levels, gradients relative in norm).`,
  );
  console.log('Everything after the pixels is computed from the reference’s own pixels.');
  console.log(cells(['folder', 'backend', 'case', 'ids', ...Object.keys(TOLERANCES), 'greedy', '']));
}

function printRow(folder: string, row: ParityRow): void {
  const exact = (holds: boolean | undefined): string =>
    holds === undefined ? '–' : holds ? 'equal' : 'DIFFER';
  const errors = (Object.keys(TOLERANCES) as Measure[]).map(
    measure => row.errors[measure]?.toExponential(1) ?? '–',
  );
  const verdict = weights !== 'f32' ? weights! : violations(row).length === 0 ? 'ok' : 'FAIL';
  const name = folder.replace(/\/$/, '').split('/').at(-1)!;
  console.log(
    cells([name, row.backend, row.name, exact(row.equal.ids), ...errors, exact(row.equal.greedy), verdict]),
  );
}

function cells(values: string[]): string {
  return values.map((value, column) => value.padEnd(column === 0 ? 14 : 9)).join(' ');
}
