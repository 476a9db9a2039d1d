/** A linear kernel of the decode plan against the same in float64, whatever its form. */
import { expect } from 'vitest';
import { gpuBackend } from '../backend.ts';
import { PackedWeight } from '../packed/index.ts';
import { normalArray } from '../random.ts';
import { checkGpu, readTensor } from '../read.ts';
import { FIELD, FRAME_BYTES, SLOT_WORDS } from './frame.wgsl.ts';
import {
  stepLinearBindings,
  stepLinearGroups,
  stepLinearKey,
  stepLinearWgsl,
  type StepLinear,
} from './linear.wgsl.ts';
import { prepare, record } from './recorded.ts';

const numbers = (seed: number, size: number): Float32Array<ArrayBuffer> =>
  Float32Array.from(normalArray(seed, size));
const sum = (values: number[]): number => values.reduce((all, x) => all + x, 0);

/** Sequence s is in slot S - s, at position 5 + 3 s. */
const slotOf = (s: number, S: number): number => S - s;
const positionOf = (s: number): number => 5 + 3 * s;

function inputs(o: StepLinear, S: number) {
  const K = o.columns;
  const N = o.gated ? o.outputs[0] : sum(o.outputs);
  const ranks = sum(o.lora.map(({ rank }) => rank));
  const taps = o.input.kind === 'conv' ? o.input.taps : 0;
  const state = new Uint32Array((S + 1) * (1 + SLOT_WORDS));
  for (let s = 0; s < S; s++) {
    state[s] = slotOf(s, S);
    state[S + 1 + slotOf(s, S) * SLOT_WORDS + FIELD.position] = positionOf(s);
  }
  return {
    x: numbers(1, S * K * (taps ? 3 : 1)),
    gain: numbers(2, K),
    kernel: numbers(3, K * taps),
    ring: numbers(4, (S + 1) * taps * K),
    state,
    low: numbers(5, S * ranks),
    down: numbers(6, ranks * K),
    up: numbers(7, sum(o.lora.map(({ rank }, i) => rank * o.outputs[i]))),
    y: numbers(8, S * N),
  };
}

type Inputs = ReturnType<typeof inputs>;

/** The same in float64; what the ring is to remember is put into it. */
function reference(o: StepLinear, S: number, held: Inputs, weights: ArrayLike<number>[]): number[] {
  const { columns: K, input } = o;
  const product = (matrix: ArrayLike<number>, row: number, x: number[]): number =>
    x.reduce((all, value, c) => all + value * matrix[row * K + c], 0);
  return Array.from({ length: S }, (_, s) => {
    let x = [...held.x.subarray(s * K, (s + 1) * K)];
    if (input.kind === 'norm') {
      const scale = 1 / Math.sqrt(sum(x.map(value => value * value)) / K + input.eps);
      x = x.map((value, c) => value * scale * held.gain[c]);
    } else if (input.kind === 'conv') {
      const { taps } = input;
      const part = (i: number): Float32Array => held.x.subarray((3 * s + i) * K, (3 * s + i + 1) * K);
      const newest = part(0).map((gate, c) => gate * part(2)[c]);
      held.ring.set(newest, (slotOf(s, S) * taps + (positionOf(s) % taps)) * K);
      x = [...part(1)].map((gate, c) => {
        const past = Array.from({ length: taps }, (_, i) => {
          const row = slotOf(s, S) * taps + ((positionOf(s) + 1 + i) % taps);
          return held.kernel[c * taps + i] * held.ring[row * K + c];
        });
        return gate * sum(past);
      });
    }
    const ranks = sum(o.lora.map(({ rank }) => rank));
    const low = Array.from({ length: ranks }, (_, j) =>
      o.ownLow ? product(held.down, j, x) : held.low[s * ranks + j],
    );
    const matrices = o.outputs.map((rows, i) => {
      const { rank, scaling } = o.lora[i] ?? { rank: 0, scaling: 0 };
      const first = sum(o.lora.slice(0, i).map(branch => branch.rank));
      const upStart = sum(o.lora.slice(0, i).map((branch, j) => branch.rank * o.outputs[j]));
      return Array.from({ length: rows }, (_, n) => {
        const branch = Array.from(
          { length: rank },
          (_, j) => low[first + j] * held.up[upStart + n * rank + j],
        );
        return product(weights[i], n, x) + scaling * sum(branch);
      });
    });
    const values = o.gated
      ? matrices[0].map((value, n) => (value / (1 + Math.exp(-value))) * matrices[1][n])
      : matrices.flat();
    return values.map((value, n) => value + (o.residual ? held.y[s * values.length + n] : 0));
  }).flat();
}

/** Runs the kernel on numbers of its own and compares what it writes, its outputs and the ring, with float64. */
export async function computesLikeReference(o: StepLinear, S: number): Promise<void> {
  const gpu = gpuBackend()!;
  const held = inputs(o, S);
  const matrices = o.outputs.map((rows, i) =>
    PackedWeight.pack(numbers(20 + i, rows * o.columns), rows, o.columns, o.format),
  );
  const own: GPUBuffer[] = [];
  const named: Record<string, GPUBuffer> = {};
  matrices.forEach((matrix, i) =>
    matrix.buffers().forEach((buffer, part) => (named[`w${i}_${part === 0 ? 'words' : 'scales'}`] = buffer)),
  );
  for (const [name, data] of Object.entries(held)) {
    const buffer = gpu.createBuffer(data.byteLength, `test: ${name}`);
    gpu.device.queue.writeBuffer(buffer, 0, data);
    own.push((named[name] = buffer));
  }
  const frame = gpu.createBuffer(FRAME_BYTES, 'test: frame', GPUBufferUsage.UNIFORM);
  gpu.device.queue.writeBuffer(frame, 0, new Uint32Array([S, S + 1]));
  const kernel = prepare(
    gpu,
    stepLinearKey(o),
    () => stepLinearWgsl(o),
    [...stepLinearBindings(o).map(name => named[name]), frame],
    sequences => stepLinearGroups(o, sequences),
  );
  gpu.flush();
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass, [kernel], S);
  pass.end();
  const copies = ['y', 'ring'].map(name => {
    const { COPY_DST, MAP_READ } = GPUBufferUsage;
    const copy = gpu.device.createBuffer({ size: named[name].size, usage: COPY_DST | MAP_READ });
    encoder.copyBufferToBuffer(named[name], 0, copy, 0, copy.size);
    return copy;
  });
  gpu.device.queue.submit([encoder.finish()]);
  await checkGpu();
  const [y, ring] = await Promise.all(
    copies.map(async copy => {
      await copy.mapAsync(GPUMapMode.READ);
      return new Float32Array(copy.getMappedRange());
    }),
  );
  const weights = await Promise.all(
    matrices.map(async matrix => {
      const floats = matrix.floats();
      const values = await readTensor(floats);
      floats.dispose();
      return values;
    }),
  );
  const expected = reference(o, S, held, weights);
  const size = Math.max(...expected.map(Math.abs));
  const far = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((most, x) => (most >= x ? most : x), 0);
  expect(far(expected, y) / size).toBeLessThan(3e-6);
  expect(far(held.ring, ring)).toBeLessThan(1e-6);
  for (const copy of copies) copy.destroy();
  for (const buffer of [...own, frame]) gpu.freeBuffer(buffer);
  for (const matrix of matrices) matrix.dispose();
}

/** What cases change: one matrix of one sequence, nothing before it and nothing after. */
export const PLAIN: Omit<StepLinear, 'outputs' | 'columns' | 'form'> = {
  format: 'f32',
  input: { kind: 'plain' },
  joinedScales: false,
  gated: false,
  residual: false,
  lora: [],
  ownLow: false,
  remembers: true,
  tile: 1,
};

export const NORM = { kind: 'norm', eps: 1e-5 } as const;

export const branch = (rank: number, scaling = 1.5) => ({ rank, scaling });
