/** One run in the headless page: its progress as lines, its events as files, and a clean end on Ctrl-C. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { RunConfig } from '../src/config.ts';
import { wilsonInterval } from '../src/grpo/statistics.ts';
import type { EvaluationResult, ExportKind, SuccessRate } from '../src/protocol.ts';
import type { Base64Files, HeadlessEvent, HeadlessOptions } from '../src/session/headless.ts';
import { writeFolder } from './folder.ts';

export interface HeadlessRun {
  config: Partial<RunConfig>;
  modelFiles?: Base64Files;
  /** What an exported adapter calls its base; by default what `config.model` names. */
  baseName?: string;
  /** `--model`, where it names a place on this disk: the run's record would else name a server that is gone. */
  startedFrom?: string;
  /** The run's own tasks. */
  ownTasks?: HeadlessOptions['ownTasks'];
  ownTaskFiles?: HeadlessOptions['ownTaskFiles'];
  /** What a person demonstrated, for method sft. */
  demonstrations?: HeadlessOptions['demonstrations'];
  /** Addresses of files of demonstrations to learn from instead of collecting. */
  collections?: HeadlessOptions['collections'];
  /** Step after which it ends although `max_steps`, which the learning rate follows, are more. */
  endAfter?: HeadlessOptions['endAfter'];
  /** Draws the weights from the seed instead of reading them. */
  initialize?: boolean;
  /** Gets metrics.jsonl, episodes.jsonl, evaluations.jsonl and checkpoint/. */
  out: string;
  export: ExportKind;
  /** The policy as it is after every so many steps goes to a folder of its own. */
  snapshots?: { every: number; folder(step: number): string };
  /** Steps between two progress lines, 1 unless given. */
  logEvery?: number;
  /** Asked after every evaluation but the first; true ends the run as Ctrl-C would. */
  stopWhen?: (result: EvaluationResult) => boolean;
  /** Takes the lines on its progress; by default the console. */
  say?: (line: string) => void;
  /** Set where Ctrl-C is the caller's business: what is made by half is of no use to it. */
  leavesCtrlC?: boolean;
}

export interface HeadlessResult {
  reason: 'finished' | 'stopped';
  step: number;
  evaluations: EvaluationResult[];
}

/** Runs to the end (or to Ctrl-C) and writes what there is. Rejects with the page's own message when the run failed. */
export async function runHeadless(page: Page, run: HeadlessRun): Promise<HeadlessResult> {
  mkdirSync(run.out, { recursive: true });
  const file = (name: string) => join(run.out, name);
  for (const name of ['metrics.jsonl', 'episodes.jsonl', 'evaluations.jsonl']) writeFileSync(file(name), '');
  const append = (name: string, row: unknown) => appendFileSync(file(name), JSON.stringify(row) + '\n');

  const evaluations: EvaluationResult[] = [];
  const total = run.config.max_steps;
  const say = run.say ?? console.log;
  const phases = new PhaseLines(say);
  let gpu: { gpu_memory_mb?: number } = {};
  await page.exposeFunction('reportRunEvent', (event: HeadlessEvent) => {
    // Of the step whose metrics come next.
    if (event.kind === 'memory') gpu = { gpu_memory_mb: event.bytes / 1e6 };
    else if (event.kind === 'metrics') {
      append('metrics.jsonl', { step: event.step, ...event.metrics, ...gpu });
      if (event.step % (run.logEvery ?? 1) === 0) say(progressLine(event.step, total, event.metrics));
      const { snapshots } = run;
      if (snapshots && event.step % snapshots.every === 0 && event.step !== total)
        void takeSnapshot(page, run.export, snapshots.folder(event.step));
    } else if (event.kind === 'episode') append('episodes.jsonl', event.episode);
    else if (event.kind === 'evaluation') {
      evaluations.push(event.result);
      append('evaluations.jsonl', event.result);
      say(evaluationLines(event.result));
      if (event.result.step > 0 && run.stopWhen?.(event.result))
        void page.evaluate(() => window.browserGrpo!.stop());
    } else if (event.kind === 'device') {
      const { device, policy } = event;
      say(
        `${device.backend} on ${device.name}${device.software ? ' (software)' : ''}; ${policy.family}, ` +
          `${(policy.parameters / 1e6).toFixed(2)} M parameters, ${policy.trainableParameters.toLocaleString('en')} trainable`,
      );
      if (device.notice) say(device.notice);
    } else if (event.kind === 'warning') console.warn(`warning: ${event.error.message}`);
    else if (event.kind === 'phase') phases.report(event);
  });
  await page.waitForFunction(() => window.browserGrpo !== undefined);
  await page.evaluate(() => {
    const report = (window as unknown as { reportRunEvent(event: unknown): void }).reportRunEvent;
    window.browserGrpo!.onEvent(event => {
      if (event.kind !== 'slot') report(event);
    });
  });

  const interrupt = () => {
    console.log('\nStopping after this phase; a second Ctrl-C ends at once.');
    process.once('SIGINT', () => process.exit(130));
    void page.evaluate(() => window.browserGrpo!.stop());
  };
  if (!run.leavesCtrlC) process.once('SIGINT', interrupt);
  try {
    const end = await page.evaluate(([config, options]) => window.browserGrpo!.start(config, options), [
      run.config,
      {
        modelFiles: run.modelFiles,
        initialize: run.initialize,
        ownTasks: run.ownTasks,
        ownTaskFiles: run.ownTaskFiles,
        demonstrations: run.demonstrations,
        collections: run.collections,
        endAfter: run.endAfter,
      },
    ] as const);
    const files = await page.evaluate(kind => window.browserGrpo!.exportFiles(kind), run.export);
    // A folder of the disk reached the page through a server that is gone when the run is over.
    if (run.baseName !== undefined)
      changeJson(files, 'adapter_config.json', { base_model_name_or_path: run.baseName });
    if (run.startedFrom !== undefined) changeJson(files, 'run.json', { startedFrom: run.startedFrom });
    writeFolder(file('checkpoint'), files);
    return { reason: end.reason, step: end.step, evaluations };
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** A run that has ended meanwhile has nothing to snapshot; its checkpoint is written anyway. */
async function takeSnapshot(page: Page, kind: ExportKind, folder: string): Promise<void> {
  try {
    writeFolder(folder, await page.evaluate(chosen => window.browserGrpo!.snapshot(chosen), kind));
    console.log(`wrote ${folder}`);
  } catch (error) {
    console.warn(`no snapshot in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Sets fields of a JSON file, where there is such a file. */
function changeJson(files: Base64Files, path: string, fields: Record<string, unknown>): void {
  if (!files[path]) return;
  const written = JSON.parse(Buffer.from(files[path], 'base64').toString()) as Record<string, unknown>;
  const changed = JSON.stringify({ ...written, ...fields }, null, 2);
  files[path] = Buffer.from(`${changed}\n`).toString('base64');
}

function progressLine(step: number, total: number | undefined, metrics: Record<string, number>): string {
  const shown = [
    'reward',
    'reward_std',
    'loss',
    'entropy',
    'grad_norm',
    'completions/mean_length',
    'step_time',
  ];
  const numbers = shown.filter(name => name in metrics).map(name => `${name} ${format(metrics[name])}`);
  return `step ${step}${total ? ` of ${total}` : ''}: ${numbers.join(', ')}`;
}

/** A table: one line a task with its 95% interval, then the mean; unseen tasks and sampled play after it. */
export function evaluationLines(result: EvaluationResult): string {
  const table = (name: string, { success, interval, tasks }: SuccessRate) => [
    `${name}: ${success.toFixed(3)} ${range(interval)}`,
    ...tasks.map(({ task, episodes, successes, failed }) => {
      const rate = successes / Math.max(episodes, 1);
      const lost = failed ? `, ${failed} failed in the environment` : '';
      return `  ${task.padEnd(28)} ${rate.toFixed(3)} ${range(wilsonInterval(successes, episodes))} (${successes} of ${episodes}${lost})`;
    }),
  ];
  return [
    ...table(`held-out success at step ${result.step}`, result),
    ...(result.unseen ? table('on tasks never trained on', result.unseen) : []),
    ...(result.sampled ? table('sampled instead of greedy', result.sampled) : []),
  ].join('\n');
}

function range([low, high]: [number, number]): string {
  return `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function format(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(3) : value.toExponential(1);
}

/** Long phases outside the steps, at most one line every ten seconds: no silent minute. */
class PhaseLines {
  static readonly #SHOWN = new Set(['loading', 'compiling', 'collecting', 'evaluating']);
  #last = 0;

  constructor(readonly say: (line: string) => void) {}

  report({ phase, step, done, total, rate }: Extract<HeadlessEvent, { kind: 'phase' }>): void {
    const now = Date.now();
    if (!PhaseLines.#SHOWN.has(phase) || now - this.#last < 10_000) return;
    this.#last = now;
    if (phase === 'loading' && total === 0) return;
    if (phase === 'loading')
      this.say(
        `loading: ${(done / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB${rate ? `, ${(rate / 1e6).toFixed(1)} MB/s` : ''}`,
      );
    else this.say(`${phase} at step ${step}: ${done}${total > 0 ? ` of ${total}` : ''}`);
  }
}
