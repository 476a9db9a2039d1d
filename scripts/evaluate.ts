/** `npm run evaluate`: success of any checkpoint, the base policy, random play or the oracles on held-out seeds, with 95% intervals. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_CONFIG, type RunConfig } from '../src/config.ts';
import { readConfigFields } from '../src/config/import.ts';
import type { EvaluateOptions } from '../src/protocol.ts';
import { BROWSER_OPTIONS, browserChoice } from './browser-choice.ts';
import { chooseModel } from './model-option.ts';
import { readOptions, UsageError, wholeNumber } from './options.ts';
import { evaluationLines } from './run-headless.ts';
import { ownTaskFiles, ownTaskNames } from './own-task-option.ts';
import { givePages } from './page-folder.ts';
import { openPage } from './served-page.ts';

const POLICIES: readonly EvaluateOptions['policy'][] = ['model', 'random', 'oracle'];

const USAGE = `npm run evaluate -- [options]
  --policy NAME         model (default), random or oracle
  --model NAME          what train takes and exports: a folder, an adapter's folder, a GGUF file, a Hub repository, an
                        address; default: the configuration's model, which is the embedded policy unless it says otherwise
  --task NAMES          tasks, separated by commas (default ${DEFAULT_CONFIG.tasks.join(',')})
  --own-task FILES      tasks of your own, as the page exports them, separated by commas; they are the run's unless --task
                        names others
  --pages DIR           MiniWoB++'s html folder: its own pages instead of the built-in tasks
  --episodes N          held-out episodes of each task (default 100)
  --sampled             samples as in training instead of taking the likeliest token
  --seed S              seed of the draws (default ${DEFAULT_CONFIG.seed}); the held-out episodes are the same for every seed
  --backend NAME        webgpu, wasm or auto
  --config FILE         YAML or JSON, as for train; a run's run.json will do
  --out FILE            writes the result there as JSON
  --browser PATH        Chromium executable
  --browser-args "…"    flags instead of those for the software adapter
  --reuse-build         takes dist/ as it is`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(argv: string[]): Promise<number> {
  const { options, rest } = readOptions(argv, {
    policy: 'value',
    model: 'value',
    pages: 'value',
    'own-task': 'value',
    task: 'value',
    episodes: 'value',
    sampled: 'flag',
    seed: 'value',
    backend: 'value',
    config: 'value',
    out: 'value',
    ...BROWSER_OPTIONS,
    'reuse-build': 'flag',
    help: 'flag',
  });
  if (options.has('help')) {
    console.log(USAGE);
    return 0;
  }
  if (rest.length > 0) throw new UsageError(`Not understood: ${rest.join(' ')}.`);
  const policy = POLICIES.find(name => name === (options.get('policy') ?? 'model'));
  if (!policy) throw new UsageError(`--policy takes ${POLICIES.join(', ')}.`);

  const config = configuration(options);
  const own = ownTaskFiles(options);
  const names = ownTaskNames(own);
  if (names.length > 0 && !options.has('task')) config.tasks = names;
  const model = options.get('model');
  const chosen = model === undefined ? undefined : await chooseModel(model);
  if (chosen?.model) config.model = chosen.model;
  const episodes = wholeNumber(options, 'episodes', 1) ?? 100;
  const { page, close } = await openPage(browserChoice(options), { reuseBuild: options.has('reuse-build') });
  try {
    await page.waitForFunction(() => window.browserGrpo !== undefined);
    const pages = options.get('pages');
    if (pages !== undefined) config.environment = await givePages(page, pages, config.environment);
    const asked = {
      policy,
      episodes,
      sampled: options.has('sampled'),
      modelFiles: chosen?.modelFiles,
      ownTaskFiles: own,
    };
    const result = await page.evaluate(([settings, how]) => window.browserGrpo!.evaluate(settings, how), [
      config,
      asked,
    ] as const);
    console.log(evaluationLines(result));
    const out = options.get('out');
    if (out !== undefined) {
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, `${JSON.stringify({ policy, model, config, result }, null, 2)}\n`);
    }
    return 0;
  } finally {
    await close();
    await chosen?.close();
  }
}

function configuration(options: Map<string, string>): Partial<RunConfig> {
  const file = options.get('config');
  const config: Partial<RunConfig> =
    file === undefined ? {} : readConfigFields(readFileSync(file, 'utf8')).fields;
  const task = options.get('task');
  if (task !== undefined) config.tasks = task.split(',').map(name => name.trim());
  const backend = options.get('backend');
  if (backend !== undefined) config.backend = backend as RunConfig['backend'];
  config.seed = wholeNumber(options, 'seed', 0) ?? config.seed ?? DEFAULT_CONFIG.seed;
  return config;
}
