import { expect, test } from 'vitest';
import type { RunConfig } from '../config.ts';
import { run } from './harness.testing.ts';
import { ScriptedEnvironment } from './scripted-environment.testing.ts';

const CONFIG: Partial<RunConfig> = {
  method: 'sft',
  use_peft: false,
  sft_demonstrations: 14,
  sft_batch_size: 4,
  sft_slip_rate: 0.5,
  max_steps: 3,
};

const playing = () => new ScriptedEnvironment({ turns: 2, reward: () => 1 });

/** Whoever plays in it fails. */
class ClosedEnvironment extends ScriptedEnvironment {
  override reset(): never {
    throw new Error('Nothing was to be played.');
  }
}

const addressOf = (bytes: Uint8Array): string => URL.createObjectURL(new Blob([new Uint8Array(bytes)]));

test('what a warm start collected is learned from again without playing, step for step', async () => {
  const first = await run(CONFIG, playing());
  const file = await first.trainer.collection();
  const again = await run(CONFIG, new ClosedEnvironment({ turns: 2, reward: () => 1 }), {
    collection: addressOf(file),
  });
  expect(again.metrics).toEqual(first.metrics);
  expect(await again.trainer.collection()).toEqual(file);
});

test('a file for something else, cut short or damaged is refused, and says why', async () => {
  const file = await (await run(CONFIG, playing())).trainer.collection();
  const refused = (bytes: Uint8Array, config: Partial<RunConfig>, message: RegExp) =>
    expect(run({ ...CONFIG, ...config }, playing(), { collection: addressOf(bytes) })).rejects.toMatchObject({
      code: 'demonstrations-unfit',
      message,
    });
  await refused(file, { seed: 7, tasks: ['click-test'] }, /with another tasks, seed/);
  await refused(file.subarray(0, file.length - 1), {}, /cut short/);
  await refused(file.subarray(0, 100), {}, /cannot be read/);
  await refused(new TextEncoder().encode('<!doctype html>'), {}, /cannot be read/);
});

test('only a warm start that has all of them gives its demonstrations', async () => {
  const { trainer } = await run({ max_steps: 1 }, playing());
  await expect(trainer.collection()).rejects.toMatchObject({ code: 'nothing-trained' });
});
