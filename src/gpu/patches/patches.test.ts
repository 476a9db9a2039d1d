import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { gpuBackend, type GpuBackend } from '../backend.ts';
import { params } from '../fused.ts';
import { normalArray } from '../random.ts';
import { checkGpu, readTensor } from '../read.ts';
import { startBackend } from '../start.ts';
import { expectClose } from '../testing.ts';
import { sizeClass } from './pool.ts';
import { softmaxWgsl } from './softmax.ts';

let gpu: GpuBackend;

beforeAll(async () => {
  await startBackend('webgpu');
  gpu = gpuBackend()!;
});

test('cumulative sums of a second length, and their gradients, are right', async () => {
  const sums = async (n: number): Promise<number[]> => [
    ...(await readTensor(tf.cumsum(tf.ones([1, n]), 1, false, true))),
  ];
  expect(await sums(3)).toEqual([3, 2, 1]);
  expect(await sums(5)).toEqual([5, 4, 3, 2, 1]);
  const grad = tf.grad(x => tf.sum(tf.cumsum(x, 1)))(tf.ones([1, 6]));
  expect([...(await readTensor(grad))]).toEqual([6, 5, 4, 3, 2, 1]);
});

test('softmax is right beyond 65,535 rows', async () => {
  const rows = 70_000;
  const x = normalArray(1, rows * 2);
  const y = await readTensor(tf.softmax(tf.tensor2d(x, [rows, 2])));
  const expected = x.map((value, i) => 1 / (1 + Math.exp(x[i ^ 1] - value)));
  expectClose(y, expected, 1e-6);
});

test('softmax by a workgroup a row equals softmax by a thread a row', async () => {
  const x = tf.tensor2d(normalArray(2, 3 * 50), [3, 50]);
  const wide = gpu.tensor([3, 50]);
  gpu.dispatch('test-softmax-16', softmaxWgsl(16), [x, wide], params(3, 50), [3, 1, 1]);
  expectClose(await readTensor(wide), await readTensor(tf.softmax(x)), 1e-6);
});

test('data() after an in-place write returns the new values', async () => {
  const x = tf.tensor1d([1, 2, 3]);
  tf.square(x);
  await x.data();
  const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(3) fn main(@builtin(local_invocation_index) i: u32) { x[i] += 10.0; }`;
  gpu.dispatch('test-in-place', code, [x], null, [1, 1, 1]);
  gpu.touched(x);
  expect([...(await x.data())]).toEqual([11, 12, 13]);
});

test('a tensor in a buffer that is longer reads as itself, and its buffer serves the next of like size', async () => {
  const first = tf.fill([70_001], 3);
  const long = gpu.buf(first);
  expect(long.size).toBeGreaterThan(4 * 70_001);
  expect((await first.data()).length).toBe(70_001);
  expect((await readTensor(tf.sum(first)))[0]).toBe(3 * 70_001);
  first.dispose();
  await gpu.check();
  const second = tf.fill([70_500], 4);
  expect(gpu.buf(second)).toBe(long);
  const values = await readTensor(second);
  expect(values.length).toBe(70_500);
  expect(new Set(values)).toEqual(new Set([4]));
  second.dispose();
});

test('size classes waste an eighth at most, and never pass what the adapter binds', () => {
  for (const bytes of [16_384, 20_000, 1_000_004, 77_777_776]) {
    const size = sizeClass(bytes, 2 ** 27);
    expect(size % 4).toBe(0);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size).toBeLessThanOrEqual(1.125 * bytes);
    expect(sizeClass(size, 2 ** 27)).toBe(size);
  }
  expect(sizeClass(16_380, 2 ** 27)).toBe(16_380);
  expect(sizeClass(1_000_004, 1_000_004)).toBe(1_000_004);
});

test('a tensor larger than the adapter binds is a typed error, not zeros', () => {
  const most = Math.min(gpu.gpu.limits.maxBufferSize, gpu.gpu.limits.maxStorageBufferBindingSize);
  expect(() => tf.fill([most / 4 + 1], 1)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }));
});

test('too many workgroups are a typed error', () => {
  const x = tf.tensor1d([1]);
  const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1) fn main() { x[0] = 1.0; }`;
  expect(() => gpu.dispatch('test-groups', code, [x], null, [70_000, 1, 1])).toThrow(
    expect.objectContaining({ code: 'limit-exceeded' }),
  );
});

test('the numbers of many dispatches are sent with few writes, and each dispatch has its own', async () => {
  const inputs = Array.from({ length: 40 }, (_, i) => tf.scalar(i));
  for (const x of inputs) gpu.buf(x);
  gpu.flush();
  let writes = 0;
  const { writeBuffer } = gpu.queue;
  gpu.queue.writeBuffer = (...args: Parameters<typeof writeBuffer>) => {
    writes++;
    writeBuffer.apply(gpu.queue, args);
  };
  try {
    // tfjs's own program with a number in its uniforms, and one of ours.
    const code = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> shift: array<f32, 1>;
@group(0) @binding(3) var<uniform> factor: f32;
@compute @workgroup_size(1) fn main() { y[0] = x[0] * factor + shift[0]; }`;
    const sums = inputs.map((x, i) => {
      const scaled = gpu.tensor([]);
      gpu.dispatch('test-numbers', code, [x, scaled, new Float32Array([i])], params({ f32: i }), [1, 1, 1]);
      return tf.add(scaled, tf.leakyRelu(tf.neg(x), i / 100));
    });
    gpu.flush();
    expect(writes).toBeLessThan(20);
    const values = await readTensor(tf.stack(sums));
    expectClose(
      values,
      inputs.map((_, i) => i * i + i - (i * i) / 100),
      1e-5,
    );
  } finally {
    gpu.queue.writeBuffer = writeBuffer;
  }
});

test('numbers too many for the arena, and more than it holds between two submits, arrive whole', async () => {
  const code = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> count: u32;
@compute @workgroup_size(1) fn main() { var sum = 0.0; for (var i = 0u; i < count; i++) { sum += x[i]; } y[0] = sum; }`;
  // 12 kB each: the arena is full at the eleventh. 40 kB: beside it.
  const sizes = [...Array.from({ length: 25 }, () => 3000), 10_000, 7];
  const outs = sizes.map((size, i) => {
    const out = gpu.tensor([]);
    gpu.dispatch('test-much', code, [new Float32Array(size).fill(i + 1), out], params(size), [1, 1, 1]);
    return out;
  });
  const sums = await readTensor(tf.stack(outs));
  expect([...sums]).toEqual(sizes.map((size, i) => size * (i + 1)));
});

test('tfjs’s programs ask the device for a pipeline’s layout once', () => {
  let made = 0;
  const original = GPUComputePipeline.prototype.getBindGroupLayout;
  GPUComputePipeline.prototype.getBindGroupLayout = function (group) {
    made++;
    return original.call(this, group);
  };
  try {
    // A program of its own: the sizes of other tests' tensors do not matter to it, their number of dimensions does.
    const x = tf.ones([1, 1, 1, 1, 1]);
    for (let i = 0; i < 5; i++) tf.elu(x);
    expect(made).toBe(1);
  } finally {
    GPUComputePipeline.prototype.getBindGroupLayout = original;
  }
});

/** y = x + 1, 64 values a workgroup; bindings x, y. */
const NEXT_WGSL = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) { y[id.x] = x[id.x] + 1.0; }`;

/** How often the device or its queue is asked for something while `f` runs. */
function asked<T extends object>(on: T, name: keyof T & string, f: () => void): number {
  let count = 0;
  const own = on[name] as unknown as (...args: unknown[]) => unknown;
  const counting = function (this: T, ...args: unknown[]): unknown {
    count++;
    return own.apply(this, args);
  };
  on[name] = counting as T[keyof T & string];
  try {
    f();
  } finally {
    on[name] = own as T[keyof T & string];
  }
  return count;
}

test('a large buffer that was let go of since the last submit serves again at once, without another submit', async () => {
  gpu.trim();
  const size = 2 ** 20;
  let x: tf.Tensor = tf.fill([size], 1);
  const before = gpu.bytes().allocated;
  const submits = asked(GPUQueue.prototype, 'submit', () => {
    for (let i = 0; i < 12; i++) {
      const y = gpu.tensor([size]);
      gpu.dispatch('test-next', NEXT_WGSL, [x, y], null, [size / 64, 1, 1]);
      x.dispose();
      x = y;
    }
  });
  expect(submits).toBe(0);
  // One is read while another is written; as many as there were dispatches before.
  expect(gpu.bytes().allocated - before).toBeLessThan(3 * 4 * size);
  expect(new Set(await readTensor(x))).toEqual(new Set([13]));
  x.dispose();
});

test('what is uploaded into a buffer that was let go of does not reach the commands before', async () => {
  const first = tf.fill([64], 1);
  await checkGpu();
  const y = gpu.tensor([64]);
  gpu.dispatch('test-next', NEXT_WGSL, [first, y], null, [1, 1, 1]);
  const buffer = gpu.buf(first);
  first.dispose();
  const second = tf.tensor1d(new Float32Array(64).fill(5));
  expect(gpu.buf(second)).toBe(buffer);
  expect(new Set(await readTensor(y))).toEqual(new Set([2]));
  expect(new Set(await readTensor(second))).toEqual(new Set([5]));
  tf.dispose([y, second]);
});

test('uploads of any type arrive, and make no buffer where one is idle', async () => {
  const upload = (): tf.Tensor[] => [
    tf.tensor1d([1.5, -2]),
    tf.tensor1d([-3, 2 ** 30 + 1], 'int32'),
    tf.tensor1d([true, false], 'bool'),
    tf.tensor1d(Float32Array.from({ length: 30_000 }, (_, i) => i)),
  ];
  const send = (tensors: tf.Tensor[]): void => {
    for (const x of tensors) gpu.buf(x);
    gpu.flush();
  };
  const before = upload();
  send(before);
  tf.dispose(before);
  const again = upload();
  expect(asked(GPUDevice.prototype, 'createBuffer', () => send(again))).toBe(0);
  const [floats, integers, bools, many] = await Promise.all(again.map(x => readTensor(x)));
  expect([...floats]).toEqual([1.5, -2]);
  expect([...integers]).toEqual([-3, 2 ** 30 + 1]);
  expect([...bools]).toEqual([1, 0]);
  expect(Array.from(many).slice(-2)).toEqual([29_998, 29_999]);
  tf.dispose(again);
});

test('a pass that comes again makes no bind group, and other numbers in it count', async () => {
  const code = `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> factor: f32;
@compute @workgroup_size(1) fn main() { y[0] = x[0] * factor; }`;
  const x = tf.tensor1d([3]);
  gpu.buf(x);
  let result = tf.scalar(0);
  /** The bind groups of a pass whose buffers come and go in an order of their own; tfjs's programs are in it, too. */
  const pass = (factor: number): GPUBindGroup[] => {
    result.dispose();
    gpu.flush();
    const groups: GPUBindGroup[] = [];
    type Encoder = { setBindGroup(index: number, group: GPUBindGroup): void };
    const prototype = GPUComputePassEncoder.prototype as Encoder;
    const { setBindGroup } = prototype;
    prototype.setBindGroup = function (this: Encoder, index, group) {
      groups.push(group);
      setBindGroup.call(this, index, group);
    };
    try {
      const parts = Array.from({ length: 5 }, (_, i) => {
        const part = gpu.tensor([]);
        gpu.dispatch('test-factor', code, [x, part], params({ f32: factor + i }), [1, 1, 1]);
        return part;
      });
      parts[3].dispose();
      result = tf.tidy(() => tf.add(parts[4], tf.elu(parts[0])));
      tf.dispose(parts);
      gpu.flush();
    } finally {
      prototype.setBindGroup = setBindGroup;
    }
    return groups;
  };
  pass(1);
  const groups = pass(2);
  expect(new Set(groups).size).toBe(7);
  const again = pass(10);
  expect(again.map(group => groups.indexOf(group))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  // 3 · 14 + 3 · 10
  expect((await readTensor(result))[0]).toBe(72);
  tf.dispose([x, result]);
});
