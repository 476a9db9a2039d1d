import { afterEach, expect, test } from 'vitest';
import { keepTiles, keptTiles } from '../storage/tiles.ts';
import type { Visit } from './tiles-visit.testing.ts';

const NAME = '64x100x32 f32 f32';

function visit(how: 'stay' | 'look'): Promise<Visit> {
  const worker = new Worker(new URL('./tiles-visit.testing.ts', import.meta.url), { type: 'module' });
  return new Promise<Visit>((resolve, reject) => {
    worker.onmessage = event =>
      'error' in (event.data as object)
        ? reject(new Error(JSON.stringify(event.data)))
        : resolve(event.data as Visit);
    worker.onerror = event => reject(new Error(event.message));
    worker.postMessage(how);
  }).finally(() => worker.terminate());
}

afterEach(() => caches.delete('gpu-tiles'));

test('what one visit measured is known to the next, and what is damaged or of another adapter is not', async () => {
  const first = await visit('stay');
  expect(first).toMatchObject({ recalled: false, atFirst: '{}', warnings: [] });
  expect(Object.keys(JSON.parse(first.atLast) as object)).toEqual([NAME]);
  const key = first.key!;
  expect(await keptTiles(key)).toBe(first.atLast);

  // No time would give this one, so that it can only have been read; and what is known is not measured again.
  const kept = JSON.stringify({ [NAME]: '128x128' });
  await keepTiles(key, kept);
  expect(await visit('stay')).toEqual({ key, recalled: true, atFirst: kept, atLast: kept, warnings: [] });

  await keepTiles(key, kept.slice(1));
  await keepTiles(key.replace('swiftshader', 'another'), kept);
  expect(await visit('look')).toMatchObject({ key, recalled: false, atFirst: '{}' });
});
