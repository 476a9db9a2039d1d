/** A run whose worker is killed in the middle of a step goes on as if nothing had happened, bit for bit. */
import * as Comlink from 'comlink';
import { afterAll, expect, test } from 'vitest';
import type { RunConfig } from '../../src/config.ts';
import { FramePool } from '../../src/env/frame-pool.ts';
import { fixtureFiles } from '../../src/models/fixture-files.ts';
import type { EpisodeRecord, RunEvent } from '../../src/protocol.ts';
import { TrainerWorker } from '../../src/session/trainer-worker.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { evaluationsOf, metricsOf } from '../../src/storage/metrics.ts';
import { deleteRun, deleteUnsaved, getRun, putRun } from '../../src/storage/runs.ts';
import { TINY } from '../../src/trainer/harness.testing.ts';

/** Optimizer steps of a run. The software adapter takes seconds for one, so there it is two, unless VITE_RESUME_STEPS says otherwise. */
const STEPS = { wasm: 10, webgpu: Number(import.meta.env.VITE_RESUME_STEPS ?? 2) };

/** Short replies on small pages: what is compared is every bit, not how much there is of it. */
const SHORT: RunConfig = {
  ...TINY,
  max_turns: 1,
  max_completion_length: 3,
  per_device_train_batch_size: 4,
  gradient_accumulation_steps: 1,
  // Draws of every kind.
  lora_dropout: 0.1,
  repetition_penalty: 1.1,
  tasks: ['click-test', 'focus-text'],
  frames: 4,
  // A policy of random weights solves nothing, but says texts of all lengths.
  reward_funcs: ['custom', 'success'],
  custom_reward: 'episode => episode.turns[0].text.length % 3',
};

const runs: string[] = [];

afterAll(async () => {
  for (const id of runs) await deleteRun(id);
});

/** What a run tells of a step, without the clock: its numbers, and what each episode saw and said. */
interface Step {
  metrics: Record<string, number>;
  episodes: string[];
}

/**
 * Runs in a worker of its own from the run's current checkpoint, if it has one, in real frames.
 *
 * @param killedBy  ends the worker at once, without a word to it, at the first event for which it is true.
 */
async function runInWorker(
  runId: string,
  config: RunConfig,
  killedBy: (event: RunEvent) => boolean = () => false,
): Promise<Step[]> {
  const container = document.createElement('div');
  document.body.append(container);
  // A software adapter that makes pipelines on a loaded machine can keep frames waiting for longer than a page may hang: an
  // episode that is lost so is replaced, rightly, and what is compared here is another run then.
  const pool = new FramePool({ container, frames: config.frames, config, hangTimeout: 60_000 });
  const worker = new TrainerWorker();
  const steps: Step[] = [];
  let episodes: string[] = [];
  const { checkpointStep } = (await getRun(runId))!;
  try {
    const start = {
      runId,
      config,
      model: { files: await fixtureFiles('lfm2_vl') },
      ...(checkpointStep >= 0 ? { resumeAt: checkpointStep } : {}),
    };
    const onEvent = Comlink.proxy((event: RunEvent) => {
      if (event.kind === 'episode') episodes.push(describe(event.episode));
      if (event.kind === 'metrics') {
        steps[event.step] = { metrics: { ...event.metrics, step_time: 0 }, episodes };
        episodes = [];
      }
      if (killedBy(event)) worker.terminate();
    });
    await worker.call(trainer => trainer.run(start, Comlink.proxy(pool), onEvent));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'worker-ended')) throw error;
  } finally {
    worker.terminate();
    pool.dispose();
    container.remove();
  }
  return steps;
}

function describe({ task, seed, group, generation, reward, advantage, turns }: EpisodeRecord): string {
  const seen = turns.map(({ prompt, screenshot, completionIds, logps, error }) => ({
    prompt,
    // Pixels one by one would take minutes to compare.
    pixels: Uint8Array.from(screenshot?.data ?? []).reduce(
      (hash, byte) => (Math.imul(hash, 31) + byte) | 0,
      7,
    ),
    completionIds,
    logps,
    error,
  }));
  return JSON.stringify({ task, seed, group, generation, reward, advantage, seen });
}

async function newRun(config: RunConfig): Promise<string> {
  const id = crypto.randomUUID();
  runs.push(id);
  const row = { name: id, createdAt: 0, updatedAt: 0, step: 0, checkpointStep: -1, failure: '' };
  await putRun({ ...row, id, config, status: 'running' });
  return id;
}

/** The run's last checkpoint: adapter, both moments of AdamW and everything else it goes on from. */
async function remembered(runId: string, step: number) {
  const row = await (await openDatabase()).get('checkpoints', [runId, step]);
  return {
    sha256: row!.sha256,
    bytes: (row!.tensors as Blob).size,
    state: JSON.parse(row!.state) as unknown,
  };
}

for (const backend of ['wasm', 'webgpu'] as const) {
  test(`${backend}: a run is its first half, a killed worker, and the rest`, async () => {
    const half = STEPS[backend] / 2;
    const config = { ...SHORT, backend, max_steps: 2 * half, save_steps: half };
    const [whole, killed] = [await newRun(config), await newRun(config)];
    const straight = await runInWorker(whole, config);
    expect(straight.filter(({ metrics }) => metrics['episodes/replaced'] > 0)).toEqual([]);
    expect(straight.filter(step => step.metrics.grad_norm > 0).length).toBeGreaterThan(half);

    // In the middle of a rollout; where there is room, a step after the checkpoint, and that step is taken again.
    const last = Math.min(half + 1, 2 * half - 1);
    let taken = 0;
    const first = await runInWorker(killed, config, event => {
      if (event.kind === 'metrics') taken = event.step;
      return taken === last && event.kind === 'slot';
    });
    expect(first.length - 1).toBe(last);
    expect((await getRun(killed))!.checkpointStep).toBe(half);
    const second = await runInWorker(killed, config);

    expect([...first.slice(0, half + 1), ...second.slice(half + 1)]).toEqual(straight);
    // The step that was lost with the worker had been the same already.
    expect(first).toEqual(straight.slice(0, first.length));
    expect(await remembered(killed, 2 * half)).toEqual(await remembered(whole, 2 * half));
  });
}

test('a tab that is gone between a checkpoint and its row of numbers leaves no hole in the curves', async () => {
  const config = { ...SHORT, max_steps: 4, save_steps: 2, eval_steps: 2, eval_episodes: 1 };
  const id = await newRun(config);
  // Nobody writes here what is told, as when the page is gone; the worker goes with it, its checkpoint just written.
  const first = await runInWorker(id, config, event => event.kind === 'checkpoint');
  const { checkpointStep } = (await getRun(id))!;
  expect(checkpointStep).toBe(2);
  await deleteUnsaved(id, checkpointStep);
  const second = await runInWorker(id, config);
  const [rows, evaluations] = [await metricsOf(id), await evaluationsOf(id)];
  expect(rows.map(row => row.step)).toEqual([1, 2, 3, 4]);
  expect(rows.map(({ metrics }) => ({ ...metrics, step_time: 0 }))).toEqual(
    [...first.slice(1, 3), ...second.slice(3)].map(step => step.metrics),
  );
  expect(evaluations.map(row => row.step)).toEqual([0, 2, 4]);
});
