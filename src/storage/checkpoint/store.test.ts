import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { DEFAULT_CONFIG } from '../../config.ts';
import { closeDatabase, openDatabase } from '../database.ts';
import { CheckpointStore } from './store.ts';

const NAME = 'checkpoint-store-test';
const store = new CheckpointStore(() => openDatabase(NAME));

function data(fill: number) {
  return { tensors: new Uint8Array(1000).fill(fill), state: JSON.stringify({ fill }) };
}

beforeEach(async () => {
  await (
    await openDatabase(NAME)
  ).put('runs', {
    id: 'r',
    name: 'r',
    createdAt: 0,
    updatedAt: 0,
    config: DEFAULT_CONFIG,
    status: 'running',
    step: 0,
    checkpointStep: -1,
    failure: '',
  });
});

afterEach(async () => {
  await closeDatabase(NAME);
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
});

async function current(): Promise<number> {
  return (await (await openDatabase(NAME)).get('runs', 'r'))!.checkpointStep;
}

test('a checkpoint comes back as it was, and is the current one', async () => {
  await store.save('r', 5, data(7));
  expect(await current()).toBe(5);
  const row = await store.load('r', 5);
  expect(row.tensors).toEqual(data(7).tensors);
  expect(row.state).toBe(data(7).state);
});

test('the last two checkpoints are kept', async () => {
  for (const step of [5, 10, 15]) await store.save('r', step, data(step));
  const keys = await (await openDatabase(NAME)).getAllKeys('checkpoints');
  expect(keys.map(key => key[1])).toEqual([10, 15]);
});

test('a run set back to an earlier step drops the later checkpoints when it saves again', async () => {
  for (const step of [5, 10]) await store.save('r', step, data(step));
  await store.save('r', 7, data(7));
  const keys = await (await openDatabase(NAME)).getAllKeys('checkpoints');
  expect(keys.map(key => key[1])).toEqual([5, 7]);
  expect(await current()).toBe(7);
});

test('a checkpoint may be larger than the largest value that Chromium keeps', async () => {
  const tensors = new Uint8Array(130 * 2 ** 20);
  tensors[tensors.length - 1] = 7;
  await store.save('r', 5, { tensors, state: '{}' });
  const loaded = await store.load('r', 5);
  expect(loaded.tensors.length).toBe(tensors.length);
  expect(loaded.tensors.at(-1)).toBe(7);
});

test('a checkpoint of before, kept as bytes, can be read', async () => {
  await store.save('r', 5, data(5));
  const database = await openDatabase(NAME);
  const row = await database.get('checkpoints', ['r', 5]);
  await database.put('checkpoints', { ...row!, tensors: data(5).tensors });
  expect((await store.load('r', 5)).tensors).toEqual(data(5).tensors);
});

test('the rows of its steps come with a checkpoint, and those that the page wrote stay as they are', async () => {
  const database = await openDatabase(NAME);
  await database.put('metrics', { runId: 'r', step: 1, metrics: { loss: 1 }, time: 1 });
  const result = (step: number) => ({
    step,
    tasks: [],
    success: step / 10,
    standardError: 0,
    interval: [0, 1] as [number, number],
  });
  const rows = {
    metrics: [1, 2].map(step => ({ step, metrics: { loss: 10 * step }, time: 9 })),
    evaluations: [result(0), result(2)],
  };
  await store.save('r', 2, data(2), undefined, rows);
  expect(await database.getAll('metrics')).toEqual([
    { runId: 'r', step: 1, metrics: { loss: 1 }, time: 1 },
    { runId: 'r', step: 2, metrics: { loss: 20 }, time: 9 },
  ]);
  expect((await database.getAll('evaluations')).map(row => row.result)).toEqual(rows.evaluations);

  // All or nothing: a checkpoint that is not kept leaves no rows of its steps either.
  await database.delete('runs', 'r');
  const later = { metrics: [{ step: 3, metrics: {}, time: 9 }], evaluations: [] };
  await expect(store.save('r', 3, data(3), undefined, later)).rejects.toMatchObject({
    code: 'storage-missing',
  });
  expect(await database.count('metrics')).toBe(2);
});

test('a damaged checkpoint is refused', async () => {
  await store.save('r', 5, data(5));
  const database = await openDatabase(NAME);
  const row = await database.get('checkpoints', ['r', 5]);
  const bytes = new Uint8Array(await (row!.tensors as Blob).arrayBuffer());
  bytes[10] ^= 1;
  await database.put('checkpoints', { ...row!, tensors: new Blob([bytes]) });
  await expect(store.load('r', 5)).rejects.toMatchObject({ code: 'storage-corrupt' });
});

test('a checkpoint of a deleted run is not kept, and says so', async () => {
  await (await openDatabase(NAME)).delete('runs', 'r');
  await expect(store.save('r', 5, data(5))).rejects.toMatchObject({ code: 'storage-missing' });
  expect(await (await openDatabase(NAME)).count('checkpoints')).toBe(0);
});

describe('where the disk is full', () => {
  const { origin } = location;
  // Vitest's types leave the commands out.
  const devtools = () =>
    cdp() as unknown as { send(command: string, parameters: Record<string, unknown>): Promise<void> };

  afterEach(() => devtools().send('Storage.overrideQuotaForOrigin', { origin }));

  /** Bytes that no compression makes fewer. */
  function large(step: number) {
    const tensors = new Uint8Array(2 ** 21);
    for (let at = 0; at < tensors.length; at += 2 ** 16)
      crypto.getRandomValues(tensors.subarray(at, at + 2 ** 16));
    return { tensors, state: String(step) };
  }

  const usage = async (): Promise<number> => (await navigator.storage.estimate()).usage!;

  test('a checkpoint that does not fit leaves nothing behind, and the one before it stays current and can be read', async () => {
    const rows = { metrics: [{ step: 1, metrics: {}, time: 0 }], evaluations: [] };
    let kept = data(1);
    await store.save('r', 1, kept, undefined, rows);
    // Room for half a checkpoint more. Chromium believes for up to 30 s what it last knew of it, so the first ones may fit still.
    await devtools().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: (await usage()) + 2 ** 20 });
    let step = 1;
    let refused: unknown;
    while (!refused) {
      const next = large(step + 1);
      try {
        await store.save('r', step + 1, next, undefined, {
          ...rows,
          metrics: [{ ...rows.metrics[0], step: step + 1 }],
        });
        [kept, step] = [next, step + 1];
        await new Promise(resolve => setTimeout(resolve, 500));
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ code: 'storage-full' });
    expect(String(refused)).toMatch(
      /No room left to store checkpoint of step \d+ of run r \([\d.]+ MB of [\d.]+ MB used\)\. Export what you need/,
    );
    const used = await usage();
    for (const later of [90, 91, 92])
      await expect(store.save('r', later, large(later))).rejects.toMatchObject({ code: 'storage-full' });
    expect(await usage()).toBe(used);

    const database = await openDatabase(NAME);
    expect(await current()).toBe(step);
    expect((await database.getAllKeys('checkpoints')).at(-1)).toEqual(['r', step]);
    expect((await database.getAllKeys('metrics')).at(-1)).toEqual(['r', step]);
    expect(await store.newestWhole('r', 100)).toBe(step);
    const loaded = await store.load('r', step);
    expect(loaded.state).toBe(kept.state);
    // toEqual would take seconds for two megabytes.
    expect(loaded.tensors.length).toBe(kept.tensors.length);
    expect(loaded.tensors.every((byte, i) => byte === kept.tensors[i])).toBe(true);

    await devtools().send('Storage.overrideQuotaForOrigin', { origin });
    await store.save('r', 100, large(100));
    expect(await current()).toBe(100);
  });
});
