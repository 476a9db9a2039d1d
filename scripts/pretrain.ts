/**
 * `npm run pretrain`: makes the embedded policy from nothing but our own code. Oracle demonstrations give the texts for the
 * tokenizer and then the supervised warm start. `--collect DIR` plays the demonstrations alone and keeps them;
 * `--collected DIR,DIR` learns from what is kept, as often as one likes. `--from DIR,DIR` begins with the mean of several
 * policies' weights, `--from DIR*0.2,DIR*0.8` with their weighted sum, and `--steps 0` leaves it at that. A few steps with `sft_slip_rate` at the end leave
 * GRPO something to gain: the commands that made what ships are on its card.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CONFIG, type RunConfig } from '../src/config.ts';
import type { EpisodeRecord, EvaluationResult } from '../src/protocol.ts';
import type { Base64Files } from '../src/session/headless.ts';
import { BROWSER_OPTIONS, browserChoice } from './browser-choice.ts';
import { serveFolder } from './folder-server.ts';
import { readFolder, writeFolder } from './folder.ts';
import { readOptions, wholeNumber } from './options.ts';
import { modelCard } from './pretrain/model-card.ts';
import { nanoFolder } from './pretrain/nano.ts';
import { readParts, sumFolders } from './pretrain/sum.ts';
import { TASKS } from './pretrain/tasks.ts';
import { evaluationLines, runHeadless } from './run-headless.ts';
import { openPage, type ServedPage } from './served-page.ts';

const { options } = readOptions(process.argv.slice(2), {
  out: 'value',
  seed: 'value',
  steps: 'value',
  demonstrations: 'value',
  'batch-size': 'value',
  'learning-rate': 'value',
  vocabulary: 'value',
  'episodes-eval': 'value',
  target: 'value',
  'stop-at': 'value',
  'snapshot-every': 'value',
  backend: 'value',
  set: 'value',
  from: 'value',
  collect: 'value',
  collected: 'value',
  ...BROWSER_OPTIONS,
  'reuse-build': 'flag',
});
const out = options.get('out') ?? 'public/models/nano';
const seed = wholeNumber(options, 'seed', 0) ?? 1;
const vocabularySize = wholeNumber(options, 'vocabulary', 300) ?? 3072;
const episodes = wholeNumber(options, 'episodes-eval', 1) ?? 100;
/** Mean greedy success at which the warm start ends before its steps are over. */
const stopAt = Number(options.get('stop-at') ?? 1);

/** Options that say where things are, and nothing of the policy. */
const PLACES = ['browser', 'browser-args', 'reuse-build', 'out', 'snapshot-every', 'collected'];

/** The file of demonstrations in the folder that --collect writes and --collected reads. */
const COLLECTION = 'demonstrations.bin';

/** Steps between two folders OUT-step-N: which step GRPO has most to gain from shows only afterwards. */
const snapshotEvery = wholeNumber(options, 'snapshot-every', 1);

const config: Partial<RunConfig> = {
  method: 'sft',
  seed,
  tasks: TASKS,
  // Some can be done with coordinates, keys or a dragged mouse alone.
  action_set: 'all',
  backend: (options.get('backend') ?? 'auto') as RunConfig['backend'],
  use_peft: false,
  train_vision: true,
  max_steps: wholeNumber(options, 'steps', 0) ?? 1200,
  sft_demonstrations: wholeNumber(options, 'demonstrations', 1) ?? 500,
  sft_batch_size: wholeNumber(options, 'batch-size', 1) ?? 192,
  // The text of the prompts teaches to copy words long before the few tokens of the replies do.
  assistant_only_loss: false,
  prompt_loss_weight: 0.1,
  // A task that is known is left alone, and the steps go where there is more to learn.
  sft_target: Number(options.get('target') ?? 0.95),
  learning_rate: Number(options.get('learning-rate') ?? 2e-3),
  lr_scheduler_type: 'constant_with_warmup',
  warmup_steps: 100,
  adam_beta2: 0.98,
  weight_decay: 0.01,
  frames: 32,
  eval_steps: 100,
  eval_episodes: 10,
  save_steps: 1_000_000,
  ...(JSON.parse(options.get('set') ?? '{}') as Partial<RunConfig>),
};

const served = await openPage(browserChoice(options), { reuseBuild: options.has('reuse-build') });
const work = mkdtempSync(join(tmpdir(), 'pretrain-'));
try {
  await served.page.waitForFunction(() => window.browserGrpo !== undefined);
  const collect = options.get('collect');
  const collected = options.get('collected')?.split(',') ?? [];
  const from = options.get('from') ?? (collected.length > 0 ? join(collected[0], 'model') : undefined);
  const folder = from
    ? await sumFolders(readParts(from), name => readFolder(name, '--from takes policies in Hub layout'))
    : nanoFolder(await collectTexts(served), vocabularySize);
  const kept = await Promise.all(collected.map(serveFolder));
  try {
    if (collect) await collectInto(collect, folder);
    else
      await learn(
        folder,
        kept.map(({ address }) => address + COLLECTION),
      );
  } finally {
    await Promise.all(kept.map(server => server.close()));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await served.close();
  rmSync(work, { recursive: true, force: true });
}

/**
 * The warm start, then its scores and its card.
 *
 * @param collections  addresses of demonstrations that were kept; without any they are collected meanwhile
 */
async function learn(folder: Base64Files, collections: string[]): Promise<void> {
  const started = Date.now();
  const run = await runHeadless(served.page, {
    // Without a step nothing needs to be demonstrated.
    config: config.max_steps === 0 ? { ...config, method: 'grpo' } : config,
    modelFiles: folder,
    // A folder without weights is a start of its own: its tokenizer and sizes are kept.
    initialize: !('model.safetensors' in folder),
    collections,
    out: work,
    export: 'model-f16',
    logEvery: 20,
    snapshots: snapshotEvery ? { every: snapshotEvery, folder: step => `${out}-step-${step}` } : undefined,
    stopWhen: result => result.success >= stopAt,
  });
  const seconds = (Date.now() - started) / 1000;
  if (existsSync(out)) rmSync(out, { recursive: true });
  // The model alone: a run's record and its metrics are no part of what ships.
  const isModel = (name: string): boolean => name in folder || name === 'model.safetensors';
  const trained = Object.fromEntries(
    Object.entries(readFolder(join(work, 'checkpoint'))).filter(([name]) => isModel(name)),
  );
  writeFolder(out, trained);

  const device = await served.page.evaluate(b => window.browserGrpo!.device(b), config.backend ?? 'auto');
  const greedy = await score(served, trained, false);
  const sampled = await score(served, trained, true);
  console.log(`greedy: ${evaluationLines(greedy)}\nsampled: ${evaluationLines(sampled)}`);
  const recipe = [...options].filter(([name]) => !PLACES.includes(name));
  const command = ['npm run pretrain --', ...recipe.map(([name, value]) => `--${name} ${value}`)].join(' ');
  writeFileSync(
    join(out, 'README.md'),
    modelCard({
      command,
      config: { ...DEFAULT_CONFIG, ...config },
      step: run.step,
      seconds,
      collectedBefore: collections.length > 0,
      device,
      greedy,
      sampled,
    }),
  );
  console.log(`wrote ${out} after ${run.step} steps in ${seconds.toFixed(0)} s`);
}

/** Plays all demonstrations without learning more than one step from them, and keeps them beside the model's folder. */
async function collectInto(out: string, folder: Base64Files): Promise<void> {
  await runHeadless(served.page, {
    config: { ...config, max_steps: 1, sft_batch_size: 1, eval_steps: 0 },
    modelFiles: folder,
    initialize: !('model.safetensors' in folder),
    out: work,
    export: 'model',
  });
  writeFolder(join(out, 'model'), folder);
  const file = await served.page.evaluate(() => window.browserGrpo!.collection());
  writeFileSync(join(out, COLLECTION), Buffer.from(file, 'base64'));
  console.log(`wrote ${out}: npm run pretrain -- --collected ${out} learns from it`);
}

/** What the policy reads and says on oracle episodes: prompts and completions of every turn. */
async function collectTexts({ page }: ServedPage): Promise<string[]> {
  // The tokenizer does not exist yet: one that knows single bytes only reads the same prompts.
  const bytesOnly = nanoFolder([], 0);
  const texts: string[] = [];
  await page.exposeFunction('reportDemonstration', (episode: EpisodeRecord) => {
    for (const turn of episode.turns) texts.push(turn.prompt, turn.completion);
  });
  await page.evaluate(
    async ([base, modelFiles]) => {
      const report = (window as unknown as { reportDemonstration(episode: unknown): void })
        .reportDemonstration;
      const off = window.browserGrpo!.onEvent(event => {
        if (event.kind === 'episode') report(event.episode);
      });
      await window.browserGrpo!.evaluate(base, {
        episodes: 40,
        sampled: false,
        policy: 'oracle',
        modelFiles,
        initialize: true,
      });
      off();
    },
    [{ ...config, observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false } }, bytesOnly] as [
      Partial<RunConfig>,
      Base64Files,
    ],
  );
  if (texts.length === 0)
    throw new Error('The oracles produced no episodes, so there is nothing to learn a tokenizer from.');
  // Every bid and coordinate is a number below a few hundred: one token each, whatever the sample happened to show.
  const numbers = Array.from({ length: 100 }, (_, n) => `${n} `.repeat(50));
  return [...texts, ...numbers];
}

async function score(
  { page }: ServedPage,
  modelFiles: Base64Files,
  sampled: boolean,
): Promise<EvaluationResult> {
  return page.evaluate(
    ([base, files, how]) =>
      window.browserGrpo!.evaluate(base, {
        episodes: how.episodes,
        sampled: how.sampled,
        policy: 'model',
        modelFiles: files,
      }),
    [config, modelFiles, { episodes, sampled }] as const,
  );
}
