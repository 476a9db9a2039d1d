/** `npm run bench -- learning`: the experiments of docs/learning.md, run for several seeds, recorded and drawn. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../../src/config.ts';
import { BROWSER_OPTIONS, browserChoice, type BrowserChoice } from '../../browser-choice.ts';
import { parseJson, readOptions, UsageError, wholeNumber } from '../../options.ts';
import { runHeadless } from '../../run-headless.ts';
import { openPage } from '../../served-page.ts';
import { EXPERIMENTS, type Experiment, type Variant } from './experiments.ts';
import { figure } from './figure.ts';
import { curveOf, readRecord, writeRecord, type LearningRecord, type LearningRun } from './record.ts';

/** Where experiments have tasks of their own. */
const TASKS = 'scripts/bench/learning/tasks';

export const LEARNING_USAGE = `npm run bench -- learning --experiment ${Object.keys(EXPERIMENTS).join('|')} [--task NAMES] [--seeds 1,2,3]
          [--steps N] [--episodes-eval N] [--backend webgpu|wasm] [--set JSON] [--out DIR] [--draw] [--reuse-build]
          [--browser PATH] [--browser-args "…"]   writes DIR/NAME.json and NAME.svg (default docs/learning);
          runs that the file has already are not run again, --draw draws it and runs nothing`;

export async function runLearningBench(argv: string[]): Promise<void> {
  const { options } = readOptions(argv.slice(1), {
    experiment: 'value',
    task: 'value',
    seeds: 'value',
    steps: 'value',
    'episodes-eval': 'value',
    backend: 'value',
    set: 'value',
    out: 'value',
    draw: 'flag',
    'reuse-build': 'flag',
    ...BROWSER_OPTIONS,
  });
  const name = options.get('experiment') ?? '';
  const experiment = EXPERIMENTS[name];
  if (!experiment)
    throw new UsageError(`--experiment must be one of ${Object.keys(EXPERIMENTS).join(', ')}.`);
  const file = join(options.get('out') ?? 'docs/learning', `${name}.json`);
  const picture = file.replace(/json$/, 'svg');
  if (options.has('draw')) {
    const record = readRecord(file);
    if (!record) throw new UsageError(`There is no ${file} to draw.`);
    writeFileSync(picture, figure(record));
    return;
  }
  const steps = wholeNumber(options, 'steps', 1) ?? 60;
  const common: Partial<RunConfig> = {
    ...experiment.config,
    ...(options.has('task') ? { tasks: options.get('task')!.split(',') } : {}),
    max_steps: steps,
    eval_steps: Math.max(1, Math.round(steps / 6)),
    eval_episodes: wholeNumber(options, 'episodes-eval', 1) ?? 50,
    save_steps: 1_000_000,
    backend: (options.get('backend') ?? 'auto') as RunConfig['backend'],
    ...parseJson(options.get('set') ?? '{}', '--set'),
  };
  const seeds = (options.get('seeds') ?? '1,2,3').split(',').map(Number);
  if (!seeds.every(Number.isInteger)) throw new UsageError('--seeds takes whole numbers, such as 1,2,3.');
  const browser = browserChoice(options);
  const command = `npm run bench -- ${argv.filter(word => word !== '--reuse-build').join(' ')}`;
  let reuseBuild = options.has('reuse-build');
  for (const seed of seeds) {
    for (const variant of experiment.variants) {
      if (readRecord(file)?.runs.some(run => run.variant === variant.label && run.seed === seed)) continue;
      console.log(`\n${name}, ${variant.label}, seed ${seed}`);
      const { run, device } = await runOnce({ ...common, ...variant.config, seed }, variant, {
        browser,
        reuseBuild,
        ownTasks: experiment.ownTasks ?? [],
      });
      reuseBuild = true;
      // Read again: an experiment may be run in parts, side by side.
      const record = readRecord(file) ?? newRecord(experiment, command, device);
      writeRecord(file, { ...record, runs: [...record.runs, run] });
      writeFileSync(picture, figure(readRecord(file)!));
      if (run.points.at(-1)?.step !== steps)
        return console.log('Ended early; run the same command to go on.');
    }
  }
}

async function runOnce(
  config: Partial<RunConfig>,
  variant: Variant,
  { browser, reuseBuild, ownTasks }: { browser: BrowserChoice; reuseBuild: boolean; ownTasks: string[] },
): Promise<{ run: LearningRun; device: string }> {
  const served = await openPage(browser, { reuseBuild });
  const out = mkdtempSync(join(tmpdir(), 'learning-'));
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    const result = await runHeadless(served.page, {
      config,
      ownTaskFiles: ownTasks.map(name => ({
        name,
        text: readFileSync(join(TASKS, `${name}.task.json`), 'utf8'),
      })),
      out,
      export: config.use_peft === false || config.method === 'sft' ? 'model' : 'adapter',
      logEvery: 10,
    });
    const device = await served.page.evaluate(b => window.browserGrpo!.device(b), config.backend ?? 'auto');
    const stepSeconds = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { step_time: number }).step_time);
    return {
      run: { variant: variant.label, seed: config.seed!, points: curveOf(result.evaluations, stepSeconds) },
      device: `${device.name}, ${device.backend}`,
    };
  } finally {
    await served.close();
    rmSync(out, { recursive: true, force: true });
  }
}

function newRecord({ question, over }: Experiment, command: string, device: string): LearningRecord {
  return { question, over, command, date: new Date().toISOString().slice(0, 10), device, runs: [] };
}
