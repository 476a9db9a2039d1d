import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { EpisodeRecord, EvaluationResult } from '../protocol.ts';
import { closeDatabase, openDatabase } from './database.ts';
import { addEpisodes, episodesOf, episodesOfStep, stepsWithEpisodes } from './episodes.ts';
import { storing, StorageError } from './errors.ts';
import { evaluationsOf, metricsOf, putEvaluations, putMetrics } from './metrics.ts';
import { addModel, deleteModel, getModel, listModels } from './models.ts';
import { deleteRun, deleteUnsaved, getRun, listRuns, putRun, updateRun } from './runs.ts';
import { DATABASE_NAME, type RunRow } from './schema.ts';

beforeEach(fresh);
afterEach(fresh);

async function fresh(): Promise<void> {
  await closeDatabase();
  await deleteDB(DATABASE_NAME);
}

function run(id: string, createdAt = 1): RunRow {
  const config = structuredClone(DEFAULT_CONFIG);
  return {
    id,
    name: id,
    createdAt,
    updatedAt: createdAt,
    config,
    status: 'running',
    step: 0,
    checkpointStep: -1,
    failure: '',
  };
}

function episode(
  step: number,
  group: number,
  generation: number,
  split: EpisodeRecord['split'] = 'train',
): EpisodeRecord {
  const screenshot = {
    width: 2,
    height: 1,
    channels: 4 as const,
    data: new Uint8ClampedArray([1, 2, 3, 255, 4, 5, 6, 255]),
  };
  const turn = {
    prompt: 'p',
    screenshot,
    completion: "click('13')",
    completionIds: [1],
    logps: [-0.5],
    action: "click('13')",
    error: '',
    reward: 1,
  };
  return {
    step,
    group,
    generation,
    task: 'click-test',
    seed: 7,
    goal: 'Click',
    turns: [turn],
    rewards: [1],
    reward: 1,
    rawReward: 1,
    advantage: 0.5,
    success: true,
    failure: '',
    split,
  };
}

function evaluation(step: number): EvaluationResult {
  return {
    step,
    tasks: [{ task: 'click-test', episodes: 4, successes: 3, failed: 0 }],
    success: 0.75,
    standardError: 0.2,
    interval: [0, 1] as [number, number],
  };
}

describe('runs', () => {
  test('are listed newest first, and survive the connection’s end', async () => {
    await putRun(run('old', 1));
    await putRun(run('new', 2));
    await closeDatabase();
    expect((await listRuns()).map(row => row.id)).toEqual(['new', 'old']);
  });

  test('change field by field: a checkpoint flipped by the worker meanwhile stays', async () => {
    await putRun(run('a'));
    const database = await openDatabase();
    await Promise.all([
      updateRun('a', { status: 'paused' }),
      updateRun('a', { checkpointStep: 5 }),
      updateRun('a', { step: 6 }),
    ]);
    expect(await database.get('runs', 'a')).toMatchObject({ status: 'paused', checkpointStep: 5, step: 6 });
  });

  test('that were deleted cannot be changed back into being', async () => {
    await expect(updateRun('gone', { step: 1 })).rejects.toMatchObject({ code: 'storage-missing' });
    expect(await getRun('gone')).toBeUndefined();
  });

  test('take everything of theirs with them when deleted, and nothing of others', async () => {
    for (const id of ['a', 'b']) {
      await putRun(run(id));
      await putMetrics([{ runId: id, step: 1, metrics: { loss: 1 }, time: 0 }]);
      await addEpisodes([{ ...episode(1, 0, 0), runId: id }]);
      await putEvaluations([{ runId: id, step: 0, result: evaluation(0) }]);
    }
    await deleteRun('a');
    expect(await getRun('a')).toBeUndefined();
    expect([await metricsOf('a'), await evaluationsOf('a'), await stepsWithEpisodes('a')]).toEqual([
      [],
      [],
      [],
    ]);
    expect([(await metricsOf('b')).length, (await evaluationsOf('b')).length]).toEqual([1, 1]);
    expect(await stepsWithEpisodes('b')).toEqual([1]);
  });
});

describe('a run that resumes at a checkpoint', () => {
  test('loses what came after it and keeps what came before', async () => {
    await putRun(run('a'));
    await putMetrics([1, 2, 3].map(step => ({ runId: 'a', step, metrics: { loss: step }, time: 0 })));
    await putEvaluations([0, 2, 3].map(step => ({ runId: 'a', step, result: evaluation(step) })));
    await addEpisodes([1, 2, 3].map(step => ({ ...episode(step, 0, 0), runId: 'a' })));
    await deleteUnsaved('a', 2);
    expect((await metricsOf('a')).map(row => row.step)).toEqual([1, 2]);
    expect((await evaluationsOf('a')).map(row => row.step)).toEqual([0, 2]);
    expect(await stepsWithEpisodes('a')).toEqual([1, 2]);
  });

  test('plays an evaluation anew that was cut short, without counting its episodes twice', async () => {
    await putRun(run('a'));
    await addEpisodes([
      { ...episode(2, 0, 0), runId: 'a' },
      { ...episode(2, 0, 0, 'held-out'), runId: 'a' },
    ]);
    await deleteUnsaved('a', 2);
    expect((await episodesOfStep('a', 2)).map(row => row.split)).toEqual(['train']);
  });
});

test('an episode comes back with its pixels, by group and generation', async () => {
  await addEpisodes([
    { ...episode(1, 1, 0), runId: 'a' },
    { ...episode(1, 0, 1), runId: 'a' },
    { ...episode(1, 0, 0), runId: 'a' },
  ]);
  const rows = await episodesOfStep('a', 1);
  expect(rows.map(row => [row.group, row.generation])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  expect(rows[0].turns[0].screenshot).toEqual(episode(1, 0, 0).turns[0].screenshot);
  let all = 0;
  for await (const _ of episodesOf('a')) all++;
  expect(all).toBe(3);
});

test('a step that is measured again replaces its row', async () => {
  await putMetrics([{ runId: 'a', step: 1, metrics: { loss: 1 }, time: 0 }]);
  await putMetrics([{ runId: 'a', step: 1, metrics: { loss: 2 }, time: 0 }]);
  expect((await metricsOf('a')).map(row => row.metrics.loss)).toEqual([2]);
});

describe('imported models', () => {
  const entry = { id: 'm', name: 'mine', kind: 'model' as const, base: null, bytes: 5, importedAt: 1 };

  test('come back file by file', async () => {
    await addModel(entry, new Map([['config.json', new Blob(['{"a":1}'])]]));
    expect(await listModels()).toEqual([entry]);
    const { files } = await getModel('m');
    expect(await files.get('config.json')?.text()).toBe('{"a":1}');
  });

  test('that are not here are named with what to do', async () => {
    await addModel(entry, new Map());
    await deleteModel('m');
    await expect(getModel('m')).rejects.toMatchObject({
      code: 'model-missing',
      message: /Import its file again/,
    });
  });
});

test('a quota error says how much room there is and that nothing was lost', async () => {
  const full = new DOMException('full', 'QuotaExceededError');
  const error = await storing('3 episodes', () => Promise.reject(full)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StorageError);
  expect(error).toMatchObject({ code: 'storage-full', cause: full });
  expect((error as Error).message).toMatch(/No room left to store 3 episodes \(.* of .* used\).*untouched/);
});
