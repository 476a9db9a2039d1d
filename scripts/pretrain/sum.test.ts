/** Weighted sums of policies' weights. */
import { expect, test } from 'vitest';
import { SafetensorsFile } from '../../src/models/safetensors/read.ts';
import { writeSafetensors } from '../../src/models/safetensors/write.ts';
import type { Base64Files } from '../../src/session/headless.ts';
import { readParts, sumFolders } from './sum.ts';

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

function folder(
  values: number[],
  dtype: 'F32' | 'F16' = 'F32',
  config: object = { hidden_size: 2 },
): Base64Files {
  const tensors = new Map([['w', { shape: [values.length], values: Float32Array.from(values) }]]);
  return {
    'config.json': base64(JSON.stringify({ dtype, ...config })),
    'tokenizer.json': base64('{}'),
    'model.safetensors': base64(writeSafetensors(tensors, dtype)),
  };
}

async function weights(files: Base64Files): Promise<number[]> {
  const file = await SafetensorsFile.open(new Blob([Buffer.from(files['model.safetensors'], 'base64')]), 'x');
  return [...(await file.read('w'))];
}

const FOLDERS: Record<string, Base64Files> = { a: folder([1, 8]), b: folder([5, 0], 'F16') };
const sum = (text: string, folders = FOLDERS) => sumFolders(readParts(text), name => folders[name]);

test('folders count by their shares, whatever their number format', async () => {
  expect(await weights(await sum('a,b'))).toEqual([3, 4]);
  const weighted = await sum('a*0.75,b*0.25');
  expect(await weights(weighted)).toEqual([2, 6]);
  expect(weighted['config.json']).toBe(FOLDERS.a['config.json']);
  // What led from a to b, once more on top of b.
  expect(await weights(await sum('b*2,a*-1'))).toEqual([9, -8]);
});

test('shares that do not add up to one are refused', () => {
  expect(() => readParts('a*0.5,b*0.6')).toThrow('add up to 1');
  expect(() => readParts('a*0.5,b')).toThrow('give every folder a share');
});

test('one folder is what it is, even without weights', async () => {
  const { 'model.safetensors': _, ...start } = folder([1]);
  expect(await sum('a', { a: start })).toBe(start);
});

test('policies that do not fit each other are refused by name', async () => {
  const a = folder([1, 2]);
  const mean = (b: Base64Files) => sum('a,b', { a, b });
  await expect(mean(folder([1, 2], 'F32', { hidden_size: 3 }))).rejects.toThrow(
    'b has another config.json than a',
  );
  await expect(mean(folder([1, 2, 3]))).rejects.toThrow('b: w is [3], in a [2]');
  const { 'model.safetensors': _, ...empty } = a;
  await expect(mean(empty)).rejects.toThrow('b has no model.safetensors');
});
