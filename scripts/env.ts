/** `npm run env`: unmodified MiniWoB++ pages in our sandbox, compared with what BrowserGym saw on them. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage, type PageEncoding, type TaskPage } from '../src/env/pages/bundle.ts';
import {
  compareEpisode,
  compareHtml,
  compareScreen,
  comparePage,
  type Recorded,
  type RecordedPage,
} from './env/compare.ts';
import { Report } from './env/report.ts';
import { readOptions, UsageError, wholeNumber } from './options.ts';
import { openPage } from './served-page.ts';

const USAGE = `npm run env -- --pages DIR [--golden FILE] [--episodes FILE] [--screens DIR] [--seed N] [--random N]
               [--window WxH] [--tasks a,b] [--at-least SHARE] [--json FILE] [--reuse-build] [--browser PATH]
  DIR       MiniWoB++'s html folder (core, common and miniwob in it)
  --golden  compares the page after a reset (format of pages.json), --episodes whole episodes (episodes.json),
  --screens the pictures after a reset (<task>.png, of the episodes' seeds or of --seed, which is 1)
  --window  the viewport in which the episodes go on after their reset, in CSS pixels; 332x127, or 332x214 for recordings of
            a Chromium without a window of its own (chromium-headless-shell)
  --random  plays so many random actions on each page
  --at-least  exits with 1 when the share of equal pages or steps is below it (0 to 1)`;

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { options } = readOptions(process.argv.slice(2), {
    pages: 'value',
    golden: 'value',
    episodes: 'value',
    screens: 'value',
    seed: 'value',
    random: 'value',
    window: 'value',
    tasks: 'value',
    'at-least': 'value',
    json: 'value',
    'reuse-build': 'flag',
    browser: 'value',
  });
  const folder = options.get('pages');
  if (!folder) throw new UsageError('Say with --pages where the html folder of MiniWoB++ is.');
  const files = listFiles(folder);
  const golden = readJson<Record<string, RecordedPage[]>>(options.get('golden'));
  const episodes = readJson<Record<string, Recorded | Recorded[]>>(options.get('episodes'));
  const screens = options.get('screens');
  const random = wholeNumber(options, 'random', 1);
  const browserWindow = size(options.get('window') ?? '332x127');
  const least = share(options.get('at-least'));
  const tasks = chosenTasks(options.get('tasks'), files, golden ?? episodes);
  const report = new Report();

  const served = await openPage({ path: options.get('browser') }, { reuseBuild: options.has('reuse-build') });
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    for (const task of tasks) {
      const bundled = (encoding: PageEncoding) =>
        bundlePage(
          `miniwob/${task}.html`,
          async path => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null),
          async under => files.filter(each => each.startsWith(under)),
          encoding,
        );
      const page = await bundled('windows-1252');
      const play = async (request: {
        seed: number;
        page?: TaskPage;
        inPage?: boolean;
        actions: string[];
        screen?: string;
        random?: number;
        window?: { width: number; height: number };
        html?: boolean;
      }) => served.page.evaluate(asked => window.browserGrpo!.playPage(asked), { task, page, ...request });

      report.begin(task);
      // These were recorded behind a server that says UTF-8, the episodes behind one that says nothing.
      for (const recorded of golden?.[task] ?? []) {
        const played = await play({
          seed: recorded.seed,
          inPage: true,
          actions: [],
          page: await bundled('utf-8'),
        });
        report.page(comparePage(recorded, played));
      }
      const recordings = [episodes?.[task] ?? []].flat();
      for (const recorded of recordings) {
        const played = await play({
          seed: recorded.seed,
          actions: recorded.steps.map(step => step.action),
          window: browserWindow,
          html: recorded.html !== undefined,
        });
        report.html(compareHtml(recorded, played));
        report.steps(compareEpisode(recorded, played));
      }
      const picture = screens && join(screens, `${task}.png`);
      if (picture && existsSync(picture)) {
        const seed = recordings[0]?.seed ?? wholeNumber(options, 'seed', 0) ?? 1;
        const screen = readFileSync(picture).toString('base64');
        report.screen(compareScreen(await play({ seed, actions: [], screen })));
      }
      if (random || (!golden && !episodes && !screens)) {
        const played = await play({ seed: wholeNumber(options, 'seed', 0) ?? 1, actions: [], random });
        report.loaded(played);
      }
      report.end();
    }
  } finally {
    await served.close();
  }
  const summary = report.summary();
  const file = options.get('json');
  if (file) writeFileSync(file, JSON.stringify(summary, null, 2) + '\n');
  if (least !== null && summary.shares.some(each => each < least)) process.exitCode = 1;
}

/** Paths of all files below `folder`, with slashes. */
function listFiles(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`There is no folder ${folder}.`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.replace(/\/+$/, '').length + 1));
  if (!files.some(path => /^miniwob\/[^/]+\.html$/.test(path)))
    throw new UsageError(`${folder} has no miniwob/*.html; give the html folder of MiniWoB++.`);
  return files.map(path => path.replaceAll('\\', '/'));
}

function chosenTasks(
  named: string | undefined,
  files: string[],
  recorded: Record<string, unknown> | null,
): string[] {
  const there = files.flatMap(path => /^miniwob\/([^/]+)\.html$/.exec(path)?.[1] ?? []).sort();
  if (!named) return recorded ? there.filter(task => task in recorded) : there;
  const tasks = named.split(',');
  const missing = tasks.filter(task => !there.includes(task));
  if (missing.length > 0) throw new UsageError(`The folder has no page of ${missing.join(', ')}.`);
  return tasks;
}

function readJson<T>(file: string | undefined): T | null {
  if (!file) return null;
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function size(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  throw new UsageError(`--window must be like 332x214, not "${text}".`);
}

function share(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`--at-least must be a share from 0 to 1, not "${text}".`);
  return value;
}
