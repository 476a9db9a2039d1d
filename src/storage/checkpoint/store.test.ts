import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('when there is no room, the former checkpoint stays the current one', async () => {
  await store.save('r', 5, data(5));
  const real = await openDatabase(NAME);
  const full = new Proxy(real, {
    get(target, property) {
      if (property === 'put') return () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const failing = new CheckpointStore(() => Promise.resolve(full));
  await expect(failing.save('r', 10, data(10))).rejects.toMatchObject({ code: 'storage-full' });
  expect(await current()).toBe(5);
  expect((await store.load('r', 5)).tensors).toEqual(data(5).tensors);
});
