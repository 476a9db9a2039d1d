import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { readTensor } from '../../gpu/index.ts';
import { startBackend } from '../../gpu/start.ts';
import { fixtureFiles } from '../fixture-files.ts';
import { loadPolicy } from '../load.ts';
import type { ImagePatches } from '../policy.ts';
import { REMEMBERED_IMAGES } from './image-encoder.ts';
import type { LanguagePolicy } from './policy.ts';

test('of the features of a frozen tower the latest are remembered, and no more than so many', async () => {
  await startBackend('wasm');
  const policy = (await loadPolicy({ files: await fixtureFiles('lfm2_vl') })) as LanguagePolicy;
  const [width, height] = [32, 32];
  /** The same in every pixel, another one for every number. */
  const picture = (i: number): ImagePatches => {
    const data = new Uint8Array(width * height * 3).fill(i >> 3);
    data[0] = i & 7;
    const messages = [{ role: 'user' as const, content: [{ type: 'image' as const }] }];
    return policy.prepare(messages, [{ width, height, channels: 3, data }]).images[0];
  };
  const features = async (images: ImagePatches[]): Promise<Float32Array> => {
    const rows = policy.imageFeatures(images);
    const values = (await readTensor(rows)) as Float32Array;
    rows.dispose();
    return values;
  };
  const pictures = Array.from({ length: REMEMBERED_IMAGES + 60 }, (_, i) => picture(i));
  expect(new Set(pictures.map(({ key }) => key)).size).toBe(pictures.length);
  const first = await features(pictures.slice(0, 1));
  // What is kept besides, such as the positions of this grid, is there now.
  const before = tf.memory().numTensors - 1;
  const remembered = (): number => tf.memory().numTensors - before;
  await features(pictures.slice(1, REMEMBERED_IMAGES));
  expect(remembered()).toBe(REMEMBERED_IMAGES);
  await features(pictures.slice(REMEMBERED_IMAGES));
  expect(remembered()).toBe(REMEMBERED_IMAGES);
  // The oldest went, and comes out as it was.
  expect(await features(pictures.slice(0, 1))).toEqual(first);
  // As many as are asked for at once, all the same.
  expect((await features(pictures)).length).toBe(pictures.length * first.length);
  policy.dispose();
});
