/** The trainer on the real tasks in real sandboxed frames. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FramePool, type FramePoolOptions } from '../../src/env/frame-pool.ts';
import { taskDocument } from '../../src/tasks/document.ts';
import { run, TINY } from '../../src/trainer/harness.testing.ts';

let container: HTMLElement;
let pool: FramePool;

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
});

afterEach(() => {
  pool.dispose();
  container.remove();
});

function open(options: Partial<FramePoolOptions> = {}): FramePool {
  pool = new FramePool({ container, frames: 4, config: TINY, ...options });
  return pool;
}

test('oracles demonstrate through the frames, and the policy learns what they say', async () => {
  const { metrics, end } = await run(
    {
      method: 'sft',
      use_peft: false,
      learning_rate: 5e-3,
      sft_demonstrations: 4,
      sft_batch_size: 8,
      max_steps: 16,
    },
    open(),
  );
  expect(end).toEqual({ reason: 'finished', step: 16 });
  const mean = (from: number) => metrics.slice(from, from + 4).reduce((sum, m) => sum + m.loss, 0) / 4;
  expect(mean(12)).toBeLessThan(0.5 * mean(0));
});

test('a stop is heard between supervised steps, which on wasm wait for nothing else', async () => {
  const { end } = await run(
    { method: 'sft', backend: 'wasm', sft_demonstrations: 2, sft_batch_size: 2, max_steps: 200 },
    open(),
    {
      // As a message from the page comes: not before the worker turns to its queue.
      onEvent: (event, trainer) => {
        if (event.kind === 'metrics' && event.step === 1) setTimeout(() => void trainer.stop());
      },
    },
  );
  expect(end.reason).toBe('stopped');
  expect(end.step).toBeLessThan(5);
});

test('a task whose page throws costs its own episodes, and the others are trained on', async () => {
  const pageOf = (task: string) =>
    task === 'click-button'
      ? { html: '<script>throw new Error("broken page")</script>' }
      : { html: taskDocument(task, '') };
  const { metrics, episodes } = await run({ max_steps: 1, max_turns: 1 }, open({ pageOf }));
  expect(metrics[0]['episodes/failed']).toBe(4);
  for (const episode of episodes) {
    expect(episode.failure !== '', episode.task).toBe(episode.task === 'click-button');
  }
});

test('what a policy cannot say properly comes back to it as an error of the environment', async () => {
  const { episodes } = await run({ max_steps: 1, tasks: ['click-test'] }, open());
  // A random policy talks rubbish: its second prompt says so.
  for (const { turns } of episodes) {
    expect(turns).toHaveLength(2);
    expect(turns[0].error).not.toBe('');
    expect(turns[1].prompt).toContain(`Previous action error: ${turns[0].error}`);
  }
});
