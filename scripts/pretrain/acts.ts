/** What making a policy consists of, each in a page of its own: a start, demonstrations, a warm start, scores. */
import { join } from 'node:path';
import { DEFAULT_CONFIG, type RunConfig } from '../../src/config.ts';
import type { DeviceInfo, EpisodeRecord, EvaluationResult } from '../../src/protocol.ts';
import type { Base64Files } from '../../src/session/headless.ts';
import { readFolder } from '../folder.ts';
import { runHeadless, type HeadlessResult, type HeadlessRun } from '../run-headless.ts';
import type { ServedPage } from '../served-page.ts';
import { nanoFolder } from './nano.ts';

/** The file of demonstrations in the folder of a collection. */
export const COLLECTION = 'demonstrations.bin';

const WEIGHTS = 'model.safetensors';

const FEW_STEPS = 50;

type Lines = Pick<HeadlessRun, 'say' | 'leavesCtrlC'>;

/**
 * A policy's folder but for the weights: sizes, and a tokenizer from what the oracles of `config.tasks` read and say.
 *
 * @param episodes  of every task, whose texts are read
 * @param vocabulary  entries of the tokenizer
 */
export async function makeStart(
  { page }: ServedPage,
  config: Partial<RunConfig>,
  { episodes, vocabulary }: { episodes: number; vocabulary: number },
): Promise<Base64Files> {
  // The tokenizer does not exist yet: one that knows single bytes only reads the same prompts.
  const bytesOnly = nanoFolder([], 0);
  const texts: string[] = [];
  await page.exposeFunction('reportDemonstration', (episode: EpisodeRecord) => {
    for (const turn of episode.turns) texts.push(turn.prompt, turn.completion);
  });
  const withoutSight = { ...config, observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false } };
  await page.evaluate(
    async ([base, modelFiles, count]) => {
      const report = (window as unknown as { reportDemonstration(episode: unknown): void })
        .reportDemonstration;
      const off = window.browserGrpo!.onEvent(event => {
        if (event.kind === 'episode') report(event.episode);
      });
      await window.browserGrpo!.evaluate(base, {
        episodes: count,
        sampled: false,
        policy: 'oracle',
        modelFiles,
        initialize: true,
      });
      off();
    },
    [withoutSight, bytesOnly, episodes] as [Partial<RunConfig>, Base64Files, number],
  );
  if (texts.length === 0)
    throw new Error('The oracles produced no episodes, so there is nothing to learn a tokenizer from.');
  // Every bid and coordinate is a number below a few hundred: one token each, whatever the sample happened to show.
  const numbers = Array.from({ length: 100 }, (_, n) => `${n} `.repeat(50));
  return nanoFolder([...texts, ...numbers], vocabulary);
}

/**
 * Plays all demonstrations that `config` asks for, without learning more than one step from them.
 *
 * @param work  a folder for what a run writes besides
 * @returns the file of demonstrations
 */
export async function collect(
  { page }: ServedPage,
  config: Partial<RunConfig>,
  modelFiles: Base64Files,
  work: string,
  lines: Lines = {},
): Promise<Buffer> {
  await runHeadless(page, {
    ...lines,
    config: { ...config, max_steps: 1, sft_batch_size: 1, eval_steps: 0 },
    modelFiles,
    initialize: !(WEIGHTS in modelFiles),
    out: work,
    export: 'model',
  });
  return Buffer.from(await page.evaluate(() => window.browserGrpo!.collection()), 'base64');
}

export interface WarmStart
  extends Lines, Pick<HeadlessRun, 'collections' | 'snapshots' | 'stopWhen' | 'endAfter'> {
  config: Partial<RunConfig>;
  /** What it begins with; a folder without weights gets them from the seed, and keeps its tokenizer and sizes. */
  modelFiles: Base64Files;
  /** Folder for what a run writes. */
  work: string;
}

/** @returns how it ended, and the policy's folder in float16: the model alone, since a run's record is no part of it */
export async function warmStart(
  { page }: ServedPage,
  { work, ...run }: WarmStart,
): Promise<HeadlessResult & { trained: Base64Files }> {
  const { modelFiles } = run;
  const result = await runHeadless(page, {
    ...run,
    // Without a step nothing needs to be demonstrated.
    config: run.config.max_steps === 0 ? { ...run.config, method: 'grpo' } : run.config,
    initialize: !(WEIGHTS in modelFiles),
    out: work,
    export: 'model-f16',
    // Of few steps, which are those of a processor, every one.
    logEvery: (run.config.max_steps ?? 0) < FEW_STEPS ? 1 : 20,
  });
  const isModel = (name: string): boolean => name in modelFiles || name === WEIGHTS;
  const trained = Object.entries(readFolder(join(work, 'checkpoint'))).filter(([name]) => isModel(name));
  return { ...result, trained: Object.fromEntries(trained) };
}

/** Success of the policy in `modelFiles` on `episodes` held-out pages of every task. */
export function score(
  { page }: ServedPage,
  config: Partial<RunConfig>,
  modelFiles: Base64Files,
  how: { episodes: number; sampled: boolean },
): Promise<EvaluationResult> {
  return page.evaluate(
    ([base, files, { episodes, sampled }]) =>
      window.browserGrpo!.evaluate(base, { episodes, sampled, policy: 'model', modelFiles: files }),
    [config, modelFiles, how] as const,
  );
}

export function deviceOf({ page }: ServedPage, backend: RunConfig['backend']): Promise<DeviceInfo> {
  return page.evaluate(choice => window.browserGrpo!.device(choice), backend);
}
