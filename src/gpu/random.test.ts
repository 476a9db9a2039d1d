import { expect, test } from 'vitest';
import { readTensor } from './read.ts';
import { gpuBackend } from './backend.ts';
import { hashKey, normalArray, pcg, PCG_WGSL, uniform, uniformArray } from './random.ts';
import { startBackend } from './start.ts';

test('WGSL and JavaScript hash to the same bits', async () => {
  await startBackend('webgpu');
  const gpu = gpuBackend()!;
  const inputs = Uint32Array.from({ length: 256 }, (_, i) => (i < 128 ? i : 0xffffffff - i * 7919));
  const out = gpu.tensor([256], 'int32');
  const code = `@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
${PCG_WGSL}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = pcg(x[id.x]); }`;
  gpu.dispatch('test-pcg', code, [inputs, out], null, [4, 1, 1]);
  const got = new Uint32Array((await readTensor(out)).buffer);
  expect([...got]).toEqual([...inputs].map(pcg));
  out.dispose();
});

test('keys differ by every part and by its place', () => {
  const all = [
    hashKey(1, 2),
    hashKey(2, 1),
    hashKey(1),
    hashKey('1'),
    hashKey('a', 'b'),
    hashKey('ab'),
    hashKey(2 ** 32),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(hashKey(7, 'x')).toBe(hashKey(7, 'x'));
});

test('uniform numbers fill (0, 1) evenly, normal ones have mean 0 and deviation 1', () => {
  const u = uniformArray(5, 20_000);
  expect(Math.min(...u)).toBeGreaterThan(0);
  expect(Math.max(...u)).toBeLessThan(1);
  expect(u.reduce((a, b) => a + b) / u.length).toBeCloseTo(0.5, 1.7);
  const z = normalArray(6, 20_000);
  expect(z.reduce((a, b) => a + b) / z.length).toBeCloseTo(0, 1.3);
  expect(z.reduce((a, b) => a + b * b) / z.length).toBeCloseTo(1, 1.1);
  expect(uniform(1, 0)).not.toBe(uniform(1, 1));
});
