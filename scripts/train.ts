/** `npm run train`: a run of the built page without a window. Prints a line a step and held-out success before and after. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CONFIG, type RunConfig } from '../src/config.ts';
import { EXPORT_KINDS, isExportKind, type ActionTrace } from '../src/protocol.ts';
import { fromJsonLines, traceOf } from '../src/storage/demonstrations.ts';
import { readConfigFields } from '../src/config/import.ts';
import { BROWSER_OPTIONS, browserChoice } from './browser-choice.ts';
import { chooseModel } from './model-option.ts';
import { parseJson, readOptions, UsageError, wholeNumber } from './options.ts';
import { ownTaskFiles, ownTaskNames } from './own-task-option.ts';
import { givePages } from './page-folder.ts';
import {
  firstDifference,
  introduction,
  readMetrics,
  readRecordedRun,
  type MetricLine,
  type RecordedRun,
} from './repeat.ts';
import { runHeadless } from './run-headless.ts';
import { openPage } from './served-page.ts';

const USAGE = `npm run train -- --task NAME[,NAME] [options]
  --task NAMES          tasks, separated by commas
  --steps N             optimizer steps (default ${DEFAULT_CONFIG.max_steps})
  --seed S              seed of every random draw (default ${DEFAULT_CONFIG.seed})
  --model MODEL         owner/name[@revision] on the Hugging Face Hub, an address, a folder in Hub layout, a .gguf file,
                        or a PEFT adapter's folder; default: the embedded policy
  --own-task FILES      tasks of your own, as the page exports them, separated by commas; they are the run's unless --task
                        names others
  --pages DIR           MiniWoB++'s html folder: its own pages instead of the built-in tasks
  --backend NAME        webgpu, wasm or auto
  --episodes-eval N     held-out episodes a task, before and after (default 100)
  --out DIR             where files go (default out/train)
  --demonstrations FILE what a person recorded, as the page exports it (JSON lines), for method sft
  --run FILE            does a recorded run again from its run.json, and says whether the metrics beside it come out the same;
                        takes the place of all options above but --out (and --model, for a model of another disk)
  --config FILE         YAML or JSON: any fields of docs/configuration.md, a TRL or PEFT configuration, or the cookbook's
  --set JSON            the same, inline
  --export KIND         adapter, model, model-bf16 or model-f16; default: adapter with LoRA, model without
  --browser PATH        Chromium executable
  --browser-args "…"    flags instead of those for the software adapter
  --reuse-build         takes dist/ as it is`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(
    error instanceof UsageError
      ? `${error.message}\n\n${USAGE}`
      : error instanceof Error
        ? error.message
        : error,
  );
  process.exitCode = 1;
}

async function main(argv: string[]): Promise<number> {
  const { options, rest } = readOptions(argv, {
    task: 'value',
    steps: 'value',
    seed: 'value',
    model: 'value',
    pages: 'value',
    'own-task': 'value',
    backend: 'value',
    'episodes-eval': 'value',
    out: 'value',
    run: 'value',
    demonstrations: 'value',
    config: 'value',
    set: 'value',
    export: 'value',
    ...BROWSER_OPTIONS,
    'reuse-build': 'flag',
    help: 'flag',
  });
  if (options.has('help')) {
    console.log(USAGE);
    return 0;
  }
  if (rest.length > 0) throw new UsageError(`Not understood: ${rest.join(' ')}.`);
  const kind = options.get('export');
  if (kind !== undefined && !isExportKind(kind))
    throw new UsageError(`--export takes ${EXPORT_KINDS.join(', ')}.`);

  const again = options.get('run') === undefined ? null : recordedRun(options);
  const config = again?.record.config ?? configuration(options);
  const own = ownTaskFiles(options);
  const names = ownTaskNames(own);
  if (names.length > 0 && !options.has('task')) config.tasks = names;
  const model = options.get('model') ?? again?.record.startedFrom;
  const chosen = model === undefined ? undefined : await chooseModel(model);
  if (chosen?.model) config.model = chosen.model;
  const served = await openPage(browserChoice(options), { reuseBuild: options.has('reuse-build') });
  try {
    const pages = options.get('pages');
    if (pages !== undefined) config.environment = await givePages(served.page, pages, config.environment);
    const out = options.get('out') ?? 'out/train';
    const result = await runHeadless(served.page, {
      config,
      modelFiles: chosen?.modelFiles,
      baseName: chosen?.baseName,
      startedFrom: chosen?.modelFiles || chosen?.baseName ? model : undefined,
      ownTasks: again?.record.ownTasks,
      ownTaskFiles: own,
      demonstrations: again?.record.demonstrations ?? recordedDemonstrations(options),
      out,
      export: kind ?? ((config.use_peft ?? DEFAULT_CONFIG.use_peft) ? 'adapter' : 'model'),
    });
    const [before, after] = [result.evaluations.at(0), result.evaluations.at(-1)];
    if (before && after && before !== after) {
      const change = after.success - before.success;
      console.log(
        `success on held-out seeds: ${before.success.toFixed(3)} before, ${after.success.toFixed(3)} after ${result.step} steps (${change >= 0 ? '+' : ''}${change.toFixed(3)})`,
      );
    }
    console.log(
      `${result.reason} at step ${result.step}; metrics, episodes and the checkpoint are in ${out}`,
    );
    return again ? compared(again, readMetrics(join(out, 'metrics.jsonl'))) : 0;
  } finally {
    await served.close();
    await chosen?.close();
  }
}

/** @throws {UsageError} for options that would make it another run */
function recordedRun(options: Map<string, string>): RecordedRun {
  const others = [
    'task',
    'steps',
    'seed',
    'backend',
    'episodes-eval',
    'demonstrations',
    'own-task',
    'config',
    'set',
  ].filter(name => options.has(name));
  if (others.length > 0)
    throw new UsageError(
      `--run does a run again as it was, so it goes without --${others.join(' and --')}. To start from its settings and change some, use --config with the same file.`,
    );
  const run = readRecordedRun(options.get('run')!);
  for (const line of introduction(run)) console.log(line);
  return run;
}

/** @throws {ImportError} naming the line that is none */
function recordedDemonstrations(options: Map<string, string>): ActionTrace[] | undefined {
  const file = options.get('demonstrations');
  return file === undefined ? undefined : fromJsonLines(file, readFileSync(file, 'utf8')).map(traceOf);
}

/** Says whether the numbers came out the same. @returns the exit status */
function compared({ metrics }: RecordedRun, repeated: MetricLine[]): number {
  if (metrics.length === 0) return 0;
  const difference = firstDifference(metrics, repeated);
  const steps = Math.min(metrics.length, repeated.length);
  console.log(
    difference
      ? `not the same run: ${difference}`
      : `the same run: the metrics of ${steps} steps equal the recorded ones to the last bit`,
  );
  return difference ? 1 : 0;
}

/** Configuration file, then --set, then the named options: the later ones win. */
function configuration(options: Map<string, string>): Partial<RunConfig> {
  const file = options.get('config');
  const config: Partial<RunConfig> = {
    ...(file === undefined ? {} : configFile(file)),
    ...parseJson(options.get('set') ?? '{}', '--set'),
  };
  const task = options.get('task');
  if (task !== undefined) config.tasks = task.split(',').map(name => name.trim());
  const backend = options.get('backend');
  if (backend !== undefined) config.backend = backend as RunConfig['backend'];
  config.seed = wholeNumber(options, 'seed', 0) ?? config.seed ?? DEFAULT_CONFIG.seed;
  config.max_steps = wholeNumber(options, 'steps', 0) ?? config.max_steps ?? DEFAULT_CONFIG.max_steps;
  config.eval_episodes = wholeNumber(options, 'episodes-eval', 0) ?? config.eval_episodes ?? 100;
  config.eval_steps ??= Math.max(config.max_steps, 1);
  return config;
}

/** @throws {ConfigError} naming what of the file cannot be taken; what has no counterpart is printed. */
function configFile(path: string): Partial<RunConfig> {
  const { fields, notes } = readConfigFields(readFileSync(path, 'utf8'));
  for (const { message } of notes) console.warn(`note: ${message}`);
  return fields;
}
