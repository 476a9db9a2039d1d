import { expect, test } from 'vitest';
import type { RunConfig } from '../config.ts';
import { episodesByTask } from './collection-file.ts';
import { joinCollections } from './collection.ts';
import type { Demonstration } from './demonstrations.ts';
import { run, TINY } from './harness.testing.ts';
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

/** Learns from files alone. */
const learn = (files: readonly Uint8Array[], config: Partial<RunConfig> = {}) =>
  run({ ...CONFIG, ...config }, new ClosedEnvironment({ turns: 2, reward: () => 1 }), {
    collections: files.map(addressOf),
  });

test('what a warm start collected is learned from again without playing, step for step', async () => {
  const file = await (await run(CONFIG, playing())).trainer.collection();
  const [first, again] = [await learn([file]), await learn([file])];
  expect(again.metrics).toEqual(first.metrics);
  expect(await again.trainer.collection()).toEqual(file);
  expect([...episodesByTask(file)]).toEqual(TINY.tasks.map(task => [task, CONFIG.sft_demonstrations]));
});

test('files of other seeds and of fewer tasks are learned from together', async () => {
  const collect = async (config: Partial<RunConfig>) =>
    (await run({ ...CONFIG, ...config }, playing())).trainer.collection();
  const tasks = ['click-color', ...TINY.tasks];
  const files = [
    await collect({ sft_demonstrations: 3 }),
    await collect({ seed: 7, tasks: ['click-color'] }),
  ];
  expect((await learn(files, { tasks })).metrics).toHaveLength(3);
});

test('joined, the episodes of each task follow one another in the places of a collection of all tasks', () => {
  const turn = (task: string, episode: number) => ({
    task,
    episode,
    ids: new Int32Array(),
    images: [],
    completion: new Int32Array(),
  });
  const of = (...demonstrations: Demonstration[]) => ({ played: 9, unsolved: 1, demonstrations });
  const { played, unsolved, demonstrations } = joinCollections(
    [of(turn('b', 0), turn('b', 0), turn('b', 2)), of(turn('a', 0), turn('b', 1), turn('a', 4))],
    ['a', 'b'],
  );
  expect(demonstrations.map(({ task, episode }) => `${task}${episode}`)).toEqual([
    'b1',
    'b1',
    'b3',
    'a0',
    'b5',
    'a2',
  ]);
  expect({ played, unsolved }).toEqual({ played: 6, unsolved: 2 });
});

test('a file for something else, cut short or damaged is refused, and says why', async () => {
  const file = await (await run(CONFIG, playing())).trainer.collection();
  const refused = (bytes: Uint8Array, config: Partial<RunConfig>, message: RegExp) =>
    expect(learn([bytes], config)).rejects.toMatchObject({ code: 'demonstrations-unfit', message });
  await refused(
    file,
    { tasks: ['click-color'], action_set: 'miniwob_all' },
    /with another action_set, list of tasks/,
  );
  await refused(file.subarray(0, file.length - 1), {}, /cut short/);
  await refused(file.subarray(0, 100), {}, /cannot be read/);
  await refused(new TextEncoder().encode('<!doctype html>'), {}, /cannot be read/);
});

test('only a warm start that has all of them gives its demonstrations', async () => {
  const { trainer } = await run({ max_steps: 1 }, playing());
  await expect(trainer.collection()).rejects.toMatchObject({ code: 'nothing-trained' });
});
