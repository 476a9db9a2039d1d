/** A single part of a recipe by hand: collects demonstrations and keeps them, or warm-starts a policy, scores it and writes its card. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CONFIG, type RunConfig } from '../../src/config.ts';
import type { Base64Files } from '../../src/session/headless.ts';
import { browserChoice } from '../browser-choice.ts';
import { serveFolder } from '../folder-server.ts';
import { readFolder, writeFolder } from '../folder.ts';
import { parseJson, wholeNumber } from '../options.ts';
import { evaluationLines } from '../run-headless.ts';
import { openPage, type ServedPage } from '../served-page.ts';
import { collect, COLLECTION, deviceOf, makeStart, score, warmStart } from './acts.ts';
import { modelCard } from './model-card.ts';
import { TOKENIZER, WARM_START } from './settings.ts';
import { readParts, sumFolders } from './sum.ts';
import { TASKS } from './tasks.ts';

/** Options that say where things are, and nothing of the policy. */
const PLACES = ['browser', 'browser-args', 'reuse-build', 'out', 'snapshot-every', 'collected'];

export async function playOnePart(options: Map<string, string>): Promise<void> {
  const config = configuration(options);
  const part = new OnePart(options, config);
  const served = await openPage(browserChoice(options), { reuseBuild: options.has('reuse-build') });
  const collected = options.get('collected')?.split(',') ?? [];
  const kept = await Promise.all(collected.map(serveFolder));
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    const from = options.get('from') ?? (collected.length > 0 ? join(collected[0], 'model') : undefined);
    const folder = from
      ? await sumFolders(readParts(from), name => readFolder(name, '--from takes policies in Hub layout'))
      : await makeStart(served, config, {
          ...TOKENIZER,
          vocabulary: wholeNumber(options, 'vocabulary', 300) ?? TOKENIZER.vocabulary,
        });
    const into = options.get('collect');
    if (into) await part.collect(served, folder, into);
    else
      await part.learn(
        served,
        folder,
        kept.map(({ address }) => address + COLLECTION),
      );
  } finally {
    await Promise.all(kept.map(server => server.close()));
    await served.close();
    part.close();
  }
}

function configuration(options: Map<string, string>): Partial<RunConfig> {
  return {
    ...WARM_START,
    seed: wholeNumber(options, 'seed', 0) ?? 1,
    tasks: TASKS,
    backend: (options.get('backend') ?? 'auto') as RunConfig['backend'],
    max_steps: wholeNumber(options, 'steps', 0) ?? 1200,
    sft_demonstrations: wholeNumber(options, 'demonstrations', 1) ?? 500,
    sft_batch_size: wholeNumber(options, 'batch-size', 1) ?? 192,
    sft_target: Number(options.get('target') ?? WARM_START.sft_target),
    learning_rate: Number(options.get('learning-rate') ?? WARM_START.learning_rate),
    frames: 32,
    eval_steps: 100,
    eval_episodes: 10,
    ...parseJson(options.get('set') ?? '{}', '--set'),
  };
}

class OnePart {
  readonly #out: string;
  readonly #work = mkdtempSync(join(tmpdir(), 'pretrain-'));

  constructor(
    readonly options: Map<string, string>,
    readonly config: Partial<RunConfig>,
  ) {
    this.#out = options.get('out') ?? 'out/pretrain';
  }

  close(): void {
    rmSync(this.#work, { recursive: true, force: true });
  }

  /**
   * The warm start, then its scores and its card.
   *
   * @param collections  addresses of demonstrations that were kept; without any they are collected meanwhile
   */
  async learn(served: ServedPage, modelFiles: Base64Files, collections: string[]): Promise<void> {
    const { options, config } = this;
    const out = this.#out;
    const every = wholeNumber(options, 'snapshot-every', 1);
    const stopAt = Number(options.get('stop-at') ?? 1);
    const started = Date.now();
    const { step, trained } = await warmStart(served, {
      config,
      modelFiles,
      collections,
      work: this.#work,
      // Which step GRPO has most to gain from shows only afterwards.
      snapshots: every ? { every, folder: taken => `${out}-step-${taken}` } : undefined,
      stopWhen: result => result.success >= stopAt,
    });
    const seconds = (Date.now() - started) / 1000;
    if (existsSync(out)) rmSync(out, { recursive: true });
    writeFolder(out, trained);

    const device = await deviceOf(served, config.backend ?? 'auto');
    const episodes = wholeNumber(options, 'episodes-eval', 1) ?? 100;
    const greedy = await score(served, config, trained, { episodes, sampled: false });
    const sampled = await score(served, config, trained, { episodes, sampled: true });
    console.log(`greedy: ${evaluationLines(greedy)}\nsampled: ${evaluationLines(sampled)}`);
    const said = [...options].filter(([name]) => !PLACES.includes(name));
    writeFileSync(
      join(out, 'README.md'),
      modelCard({
        command: ['npm run pretrain --', ...said.map(([name, value]) => `--${name} ${value}`)].join(' '),
        config: { ...DEFAULT_CONFIG, ...config },
        step,
        seconds,
        collectedBefore: collections.length > 0,
        device,
        greedy,
        sampled,
      }),
    );
    console.log(`wrote ${out} after ${step} steps in ${seconds.toFixed(0)} s`);
  }

  /** Keeps the demonstrations beside the folder of the policy that they were collected for. */
  async collect(served: ServedPage, folder: Base64Files, into: string): Promise<void> {
    const file = await collect(served, this.config, folder, this.#work);
    writeFolder(join(into, 'model'), folder);
    writeFileSync(join(into, COLLECTION), file);
    console.log(`wrote ${into}: npm run pretrain -- --collected ${into} learns from it`);
  }
}
