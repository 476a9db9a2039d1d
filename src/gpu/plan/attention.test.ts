import { beforeAll, expect, test } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { normalArray } from '../random.ts';
import { checkGpu } from '../read.ts';
import { startBackend } from '../start.ts';
import {
  ATTENTION_BINDINGS,
  stepAttentionGroups,
  stepAttentionKey,
  stepAttentionWgsl,
  type StepAttention,
} from './attention.wgsl.ts';
import { FIELD, FRAME_BYTES, PAGE, SLOT_WORDS } from './frame.wgsl.ts';
import { prepare, record } from './recorded.ts';

beforeAll(async () => {
  await startBackend('webgpu');
});

/** Sequences of these lengths in slots in reverse; whole pages of the shorter one are shared by the longer ones. */
interface Step extends StepAttention {
  positions: number[];
}

function inputs({ heads, keyValueHeads, headSize, positions }: Step) {
  const S = positions.length;
  const tableWidth = Math.ceil((Math.max(...positions) + 1) / PAGE);
  const slots = S + 1;
  const state = new Uint32Array(slots * (1 + SLOT_WORDS + tableWidth));
  const shared = Math.floor(Math.min(...positions) / PAGE);
  let pages = shared;
  positions.forEach((position, s) => {
    const slot = slots - 1 - s;
    state[s] = slot;
    state[slots + slot * SLOT_WORDS + FIELD.position] = position;
    for (let page = 0; page <= position / PAGE; page++)
      state[slots * (1 + SLOT_WORDS) + slot * tableWidth + page] = page < shared ? page : pages++;
  });
  const numbers = (seed: number, size: number): Float32Array => normalArray(seed, size) as Float32Array;
  const cache = pages * keyValueHeads * PAGE * headSize;
  const longest = Math.max(...positions) + 1;
  const rope = Float32Array.from({ length: longest * headSize }, (_, i) => {
    const angle = Math.floor(i / headSize) * (1 + (Math.floor(i / 2) % (headSize / 2))) * 0.1;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
  return {
    tableWidth,
    slots,
    state,
    qkv: numbers(1, S * (heads + 2 * keyValueHeads) * headSize),
    qGain: numbers(2, headSize),
    kGain: numbers(3, headSize),
    rope,
    keys: numbers(4, cache),
    values: numbers(5, cache),
    out: new Float32Array(S * heads * headSize),
  };
}

/** The same in float64; keys and values of the new tokens are put into their pages. */
function reference(o: Step, { state, slots, tableWidth, qkv, qGain, kGain, rope, keys, values }: Inputs) {
  const { heads: H, keyValueHeads: KV, headSize: D, eps, positions } = o;
  const out: number[] = [];
  const rowOf = (slot: number, kv: number, t: number): number =>
    ((state[slots * (1 + SLOT_WORDS) + slot * tableWidth + Math.floor(t / PAGE)] * KV + kv) * PAGE +
      (t % PAGE)) *
    D;
  const turned = (from: number, gain: Float32Array, position: number): number[] => {
    const raw = [...qkv.subarray(from, from + D)];
    const r = 1 / Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0) / D + eps);
    const x = raw.map((value, d) => value * r * gain[d]);
    return x.map((value, d) => {
      const [cos, sin] = rope.subarray(position * D + 2 * (d % (D / 2)));
      return value * cos + (d < D / 2 ? -x[d + D / 2] : x[d - D / 2]) * sin;
    });
  };
  positions.forEach((position, s) => {
    const slot = state[s];
    const start = s * (H + 2 * KV) * D;
    for (let kv = 0; kv < KV; kv++) {
      const row = rowOf(slot, kv, position);
      keys.set(turned(start + (H + kv) * D, kGain, position), row);
      values.set(qkv.subarray(start + (H + KV + kv) * D, start + (H + KV + kv + 1) * D), row);
    }
    for (let h = 0; h < H; h++) {
      const q = turned(start + h * D, qGain, position);
      const kvRows = Array.from({ length: position + 1 }, (_, t) => rowOf(slot, Math.floor(h / (H / KV)), t));
      const scores = kvRows.map(row => q.reduce((sum, x, d) => sum + x * keys[row + d], 0) / Math.sqrt(D));
      const top = Math.max(...scores);
      const weights = scores.map(score => Math.exp(score - top));
      const whole = weights.reduce((sum, w) => sum + w, 0);
      for (let d = 0; d < D; d++)
        out.push(kvRows.reduce((sum, row, t) => sum + weights[t] * values[row + d], 0) / whole);
    }
  });
  return out;
}

type Inputs = ReturnType<typeof inputs>;

async function stepsLikeReference({ positions, ...o }: Step): Promise<void> {
  const gpu = gpuBackend()!;
  const held = inputs({ ...o, positions });
  const buffers = ATTENTION_BINDINGS.map(name => {
    const data = held[name as keyof Inputs] as Float32Array<ArrayBuffer>;
    const buffer = gpu.createBuffer(data.byteLength, `test: ${name}`);
    gpu.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  });
  const frame = gpu.createBuffer(FRAME_BYTES, 'test: frame', GPUBufferUsage.UNIFORM);
  gpu.device.queue.writeBuffer(frame, 0, new Uint32Array([positions.length, held.slots, held.tableWidth]));
  const kernel = prepare(
    gpu,
    stepAttentionKey(o),
    () => stepAttentionWgsl(o),
    [...buffers, frame],
    sequences => stepAttentionGroups(o, sequences),
  );
  const read = ['keys', 'values', 'out'].map(name => {
    const source = buffers[ATTENTION_BINDINGS.indexOf(name)];
    const { COPY_DST, MAP_READ } = GPUBufferUsage;
    return { source, copy: gpu.device.createBuffer({ size: source.size, usage: COPY_DST | MAP_READ }) };
  });
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, [kernel], positions.length);
  pass.end();
  for (const { source, copy } of read) encoder.copyBufferToBuffer(source, 0, copy, 0, source.size);
  gpu.device.queue.submit([encoder.finish()]);
  await checkGpu();
  const [keys, values, out] = await Promise.all(
    read.map(async ({ copy }) => {
      await copy.mapAsync(GPUMapMode.READ);
      return new Float32Array(copy.getMappedRange());
    }),
  );
  const expected = reference({ ...o, positions }, held);
  const far = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a, (x, i) => Math.abs(x - b[i])).reduce((most, x) => (most >= x ? most : x), 0);
  expect(far(expected, out)).toBeLessThan(2e-5);
  expect(far(held.keys, keys)).toBeLessThan(1e-5);
  expect(far(held.values, values)).toBe(0);
  for (const { copy } of read) copy.destroy();
  for (const buffer of [...buffers, frame]) gpu.freeBuffer(buffer);
}

const SHAPES: [name: string, o: Omit<Step, 'width' | 'eps'>][] = [
  ['first tokens', { heads: 2, keyValueHeads: 1, headSize: 32, positions: [0, 1, 2] }],
  ['ends of pages and tiles', { heads: 2, keyValueHeads: 2, headSize: 64, positions: [16, 255, 256, 257] }],
  ['three heads a key, of an odd size', { heads: 3, keyValueHeads: 1, headSize: 10, positions: [40, 300] }],
  ['a long sequence beside a short one', { heads: 2, keyValueHeads: 1, headSize: 128, positions: [1500, 5] }],
  ['fours that threads cannot share', { heads: 1, keyValueHeads: 1, headSize: 24, positions: [530] }],
];
for (const [name, o] of SHAPES)
  // A thread a head is written out dimension by dimension: of large heads that takes a software adapter seconds to compile.
  for (const width of o.headSize <= 32 ? [1, 256] : [256])
    test(`a step attends as float64 does, ${width === 1 ? 'a thread' : 'a workgroup'} a head: ${name}`, () =>
      stepsLikeReference({ ...o, width, eps: 1e-5 }));
