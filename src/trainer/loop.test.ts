/** The life of a run: stopped, resumed, paused, evaluated, exported, on either backend. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { RunConfig } from '../config.ts';
import { gpuBackend } from '../gpu/index.ts';
import type { EpisodeRecord, RunEvent } from '../protocol.ts';
import { currentCheckpoint, exported, run } from './harness.testing.ts';
import { ScriptedEnvironment } from './scripted-environment.testing.ts';
import { heldOutSeed } from './seeds.ts';
import type { Trainer } from './service.ts';

/** Pixels follow from the seed, and take minutes to compare one by one. */
function withoutPixels(episode: EpisodeRecord): EpisodeRecord {
  return { ...episode, turns: episode.turns.map(turn => ({ ...turn, screenshot: null })) };
}

test('a run that was stopped and resumed takes the steps of one that was not, bit for bit', async () => {
  const whole = await run({}, new ScriptedEnvironment({ turns: 2 }));
  expect(whole.end).toEqual({ reason: 'finished', step: 4 });
  expect(whole.metrics.every(metrics => metrics.grad_norm > 0)).toBe(true);

  const runId = crypto.randomUUID();
  const first = await run({}, new ScriptedEnvironment({ turns: 2 }), {
    runId,
    onEvent: (event, trainer) => void (event.kind === 'metrics' && event.step === 2 && trainer.stop()),
  });
  expect(first.end).toEqual({ reason: 'stopped', step: 2 });
  expect(await currentCheckpoint(runId)).toBe(2);
  const second = await run({}, new ScriptedEnvironment({ turns: 2 }), { runId, resumeAt: 2 });
  expect(second.end).toEqual({ reason: 'finished', step: 4 });

  expect([...first.metrics, ...second.metrics]).toEqual(whole.metrics);
  expect([...first.episodes, ...second.episodes].map(withoutPixels)).toEqual(
    whole.episodes.map(withoutPixels),
  );
  expect(await exported(second.trainer)).toEqual(await exported(whole.trainer));
});

test('a run that is to end before its last step has taken the first steps of the whole one', async () => {
  const whole = await run({}, new ScriptedEnvironment({ turns: 2 }));
  const runId = crypto.randomUUID();
  const part = await run({}, new ScriptedEnvironment({ turns: 2 }), { runId, endAfter: 2 });
  expect(part.end).toEqual({ reason: 'finished', step: 2 });
  expect(await currentCheckpoint(runId)).toBe(2);
  // The learning rate is still that of four steps.
  expect(part.metrics).toEqual(whole.metrics.slice(0, 2));
});

test('gradient_checkpointing changes nothing that is learnt', async () => {
  const change = { max_steps: 1, lora_dropout: 0.1 };
  const plain = await run(change, new ScriptedEnvironment({ turns: 1 }));
  const again = await run({ ...change, gradient_checkpointing: true }, new ScriptedEnvironment({ turns: 1 }));
  expect(plain.metrics[0].grad_norm).toBeGreaterThan(0);
  expect(again.metrics).toEqual(plain.metrics);
  expect(await exported(again.trainer)).toEqual(await exported(plain.trainer));
});

test('a pause writes a checkpoint, holds, and changes nothing', async () => {
  const whole = await run({ max_steps: 2 }, new ScriptedEnvironment({ turns: 2 }));
  const runId = crypto.randomUUID();
  let pausedFor = 0;
  const paused = await run({ max_steps: 2 }, new ScriptedEnvironment({ turns: 2 }), {
    runId,
    onEvent: (event, trainer) => {
      if (event.kind === 'metrics' && event.step === 1) void trainer.pause();
      if (event.kind !== 'phase' || event.phase !== 'paused') return;
      const since = performance.now();
      setTimeout(async () => {
        expect(await currentCheckpoint(runId)).toBe(1);
        pausedFor = performance.now() - since;
        await trainer.resume();
      }, 300);
    },
  });
  expect(pausedFor).toBeGreaterThan(250);
  expect(paused.metrics).toEqual(whole.metrics);
});

test('with several iterations a batch is played once, and a stop waits until it is used up', async () => {
  const environment = new ScriptedEnvironment({ turns: 1 });
  const { end, metrics } = await run({ num_iterations: 2 }, environment, {
    onEvent: (event, trainer) => void (event.kind === 'metrics' && event.step === 1 && trainer.stop()),
  });
  expect(end).toEqual({ reason: 'stopped', step: 2 });
  expect(environment.resets).toHaveLength(8);
  // The policy has moved between the two: the second is off-policy, the first is not.
  expect(metrics[0]['clip_ratio/region_mean']).toBe(0);
  expect(metrics[1].loss).not.toBe(metrics[0].loss);
});

test('the checkpoint of the best evaluation is kept, and can be what the run ends with', async () => {
  // Held-out episodes are solved in the evaluation after step 1 alone.
  const start = (evaluations = 0) => {
    const reward = (text: string, seed: number) =>
      seed >= heldOutSeed(0) ? Number(evaluations === 1) : Number(text.length % 2 === 0);
    return {
      environment: new ScriptedEnvironment({ turns: 1, reward }),
      count: (event: RunEvent) => void (event.kind === 'evaluation' && evaluations++),
    };
  };
  const config = {
    max_steps: 5,
    save_steps: 1,
    eval_steps: 1,
    eval_episodes: 2,
    load_best_model_at_end: true,
  };
  const runId = crypto.randomUUID();
  const whole = start();
  const { trainer, events } = await run(config, whole.environment, { runId, onEvent: whole.count });
  const evaluated = events.flatMap(event => (event.kind === 'evaluation' ? [event.result] : []));
  expect(evaluated.map(result => result.success)).toEqual([0, 1, 0, 0, 0, 0]);
  expect(evaluated[1].interval[0]).toBeGreaterThan(0.3);

  const short = start();
  const stopped = await run(config, short.environment, {
    onEvent: (event, running) => {
      short.count(event);
      if (event.kind === 'metrics') void running.stop();
    },
  });
  expect(stopped.end.step).toBe(1);
  expect(await exported(trainer)).toEqual(await exported(stopped.trainer));
  const resumed = await run({ ...config, max_steps: 1 }, start().environment, { runId, resumeAt: 1 });
  expect(resumed.end).toEqual({ reason: 'finished', step: 1 });
});

test('an evaluation can be greedy and sampled, and tell of tasks that the run never trains on', async () => {
  const config = {
    max_steps: 0,
    eval_steps: 1,
    eval_episodes: 3,
    eval_tasks: ['focus-text'],
    eval_sampled: true,
  };
  const { events, episodes } = await run(config, new ScriptedEnvironment({ turns: 1 }));
  const result = events.find(event => event.kind === 'evaluation')?.result;
  expect(result?.tasks.map(({ task }) => task)).toEqual(['click-test', 'click-button']);
  expect(result?.unseen?.tasks).toMatchObject([{ task: 'focus-text', episodes: 3 }]);
  expect(result?.sampled?.tasks.map(({ episodes: played }) => played)).toEqual([3, 3]);
  expect(episodes).toHaveLength(9);
});

test('every feature of the objective runs, resumes exactly, and reports what TRL reports', async () => {
  const config: Partial<RunConfig> = {
    use_peft: false,
    learning_rate: 1e-3,
    beta: 0.1,
    sync_ref_model: true,
    ref_model_mixup_alpha: 0.6,
    ref_model_sync_steps: 1,
    use_adaptive_entropy: true,
    entropy_coef: 0.1,
    entropy_target: 100,
    top_entropy_quantile: 0.5,
    off_policy_mask_threshold: 0.1,
    vllm_importance_sampling_correction: true,
    vllm_importance_sampling_mode: 'token_truncate',
    num_iterations: 2,
    scale_rewards: 'batch',
  };
  const environment = () => new ScriptedEnvironment({ turns: 1 });
  const whole = await run(config, environment());
  const [first, second, third] = whole.metrics;
  // The reference is the policy itself in the first step, and follows it at a distance from then on.
  expect(Math.abs(first.kl)).toBeLessThan(1e-6);
  expect(third.kl).toBeGreaterThan(1e-6);
  // The bonus waits for a first measurement of the entropy, then applies.
  expect(first.policy_loss).toBe(first.loss);
  expect(second.policy_loss).toBeGreaterThan(second.loss);
  expect(first.entropy_coef).toBeCloseTo(0.105, 12);
  expect(second.entropy_coef).toBeCloseTo(0.11, 12);
  expect(first['sampling/importance_sampling_ratio/mean']).toBeCloseTo(1, 3);

  const runId = crypto.randomUUID();
  await run(config, environment(), {
    runId,
    onEvent: (event, trainer) => void (event.kind === 'metrics' && event.step === 2 && trainer.stop()),
  });
  const rest = await run(config, environment(), { runId, resumeAt: 2 });
  expect(rest.metrics).toEqual(whole.metrics.slice(2));
});

test('the reference of full training is the policy as it began, and stays so', async () => {
  const config = { use_peft: false, learning_rate: 1e-3, beta: 0.1, max_steps: 3 };
  const { metrics } = await run(config, new ScriptedEnvironment({ turns: 1 }));
  expect(Math.abs(metrics[0].kl)).toBeLessThan(1e-6);
  expect(metrics[2].kl).toBeGreaterThan(metrics[1].kl);
});

test('a loss that is not finite ends the run before it touches the weights', async () => {
  const runId = crypto.randomUUID();
  let calls = 0;
  const exploding = new ScriptedEnvironment({
    turns: 1,
    reward: () => (++calls > 12 ? Infinity : calls % 2),
  });
  const running = run({ save_steps: 1 }, exploding, { runId });
  await expect(running).rejects.toMatchObject({ code: 'loss-not-finite', message: /Step 2/ });
  expect(await currentCheckpoint(runId)).toBe(1);
});

test('full training moves every part of the language model, and exports it whole', async () => {
  const { metrics, trainer, events } = await run(
    { max_steps: 1, use_peft: false, learning_rate: 1e-4 },
    new ScriptedEnvironment({ turns: 1 }),
  );
  expect(metrics[0].grad_norm).toBeGreaterThan(0);
  expect([...(await trainer.export('model')).keys()]).toContain('model.safetensors');
  await expect(trainer.export('adapter')).rejects.toMatchObject({ code: 'unsupported-setting' });
  const device = events.find(event => event.kind === 'device');
  expect(device?.kind === 'device' && device.policy.trainableParameters).toBeGreaterThan(50_000);
});

test('webgpu takes the same steps as wasm', async () => {
  const [wasm, webgpu] = [
    await run({ max_steps: 2 }, new ScriptedEnvironment({ turns: 2 })),
    await run({ max_steps: 2, backend: 'webgpu' }, new ScriptedEnvironment({ turns: 2 })),
  ];
  const said = ({ episodes }: { episodes: EpisodeRecord[] }) =>
    episodes.map(episode => episode.turns.map(turn => turn.completionIds));
  expect(said(webgpu)).toEqual(said(wasm));
  for (const step of [0, 1]) {
    for (const name of ['loss', 'grad_norm', 'reward', 'entropy']) {
      // Sums are taken in another order; losses of on-policy steps are near 0 by themselves.
      expect(Math.abs(webgpu.metrics[step][name] - wasm.metrics[step][name]), name).toBeLessThan(1e-3);
    }
  }
});

test('weights from an update that the GPU rejected in part are not exported', async () => {
  let ran: Trainer | null = null;
  const running = run(
    { max_steps: 1, max_turns: 1, backend: 'webgpu' },
    new ScriptedEnvironment({ turns: 1 }),
    {
      onEvent: (event, trainer) => {
        if (ran || event.kind !== 'phase' || event.phase !== 'updating') return;
        ran = trainer;
        // A binding more than the kernel has: WebGPU then drops all that is submitted with it.
        const x = tf.tensor1d([1]);
        const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1) fn main() { x[0] = 1.0; }`;
        gpuBackend()!.dispatch('test-invalid-update', code, [x, x], null, [1, 1, 1]);
        x.dispose();
      },
    },
  );
  await expect(running).rejects.toMatchObject({ code: 'invalid-dispatch' });
  await expect(ran!.export('adapter')).rejects.toMatchObject({ code: 'nothing-trained' });
});
