/** Products of a few rows with packed weights: every form that shares the work, and one pass over all of a model's layers. */
import * as tf from '@tensorflow/tfjs-core';
import {
  gpuBackend,
  PackedWeight,
  randomNormal,
  thinLinear,
  type GpuBackend,
  type ThinForm,
  type WeightFormat,
} from '../../../src/gpu/index.ts';
import { thinForm } from '../../../src/gpu/ops/linear/raw.ts';
import type { Add } from './report.ts';

/** [rows, columns] of LFM2-350M's linear layers: ten convolution blocks, six of attention, sixteen MLPs, the tied head. */
const LAYERS: [number, number][] = [
  ...Array.from({ length: 10 }, () => [
    [3072, 1024],
    [1024, 1024],
  ]).flat(),
  ...Array.from({ length: 6 }, () => [
    [1024, 1024],
    [512, 1024],
    [512, 1024],
    [1024, 1024],
  ]).flat(),
  ...Array.from({ length: 16 }, () => [
    [4608, 1024],
    [4608, 1024],
    [1024, 4608],
  ]).flat(),
  [65536, 1024],
] as [number, number][];

/** Copies of a weight that are used in turn, so that none stays in the GPU's cache. */
const COPIES = 24;

export async function benchThin(add: Add): Promise<void> {
  const gpu = gpuBackend()!;
  const subgroups = gpu.gpu.features.includes('subgroups');
  for (const format of ['f16', 'int8', 'int4'] satisfies WeightFormat[])
    for (const rows of [1, 8, 64]) await onePass(gpu, add, format, rows, subgroups);
  for (const [N, K] of [
    [4608, 1024],
    [1024, 4608],
    [1024, 1024],
    [65536, 1024],
  ]) {
    const copies = N > 8192 ? 2 : COPIES;
    const weights = Array.from({ length: copies }, (_, key) => PackedWeight.noise(N, K, 'f16', key, 0.02));
    for (const rows of [1, 8])
      for (const form of forms(subgroups)) {
        const [x, y] = [randomNormal([rows, K], 1, 1), gpu.tensor([rows, N])];
        const name = `thin [${rows}, ${K}] · [${N}, ${K}]ᵀ f16, ${form.rows} rows, ${form.threads} threads${form.subgroups ? '' : ', no subgroups'}`;
        await add(
          name,
          10,
          prebuilt(gpu, weights, rows, x, y, () => form),
          { bytes: copies * weights[0].bytes },
        );
        tf.dispose([x, y]);
      }
    weights.forEach(weight => weight.dispose());
  }
}

async function onePass(
  gpu: GpuBackend,
  add: Add,
  format: WeightFormat,
  rows: number,
  subgroups: boolean,
): Promise<void> {
  const weights = LAYERS.map(([N, K], key) => PackedWeight.noise(N, K, format, key, 0.02));
  const bytes = weights.reduce((sum, weight) => sum + weight.bytes, 0);
  const x = randomNormal([rows, 4608], 1, 1);
  const y = gpu.tensor([rows, 65536]);
  const choices: [string, (weight: PackedWeight) => ThinForm][] = [
    ['', weight => thinForm(gpu, weight, rows)],
    ['all 2x32, ', () => ({ rows: 2, threads: 32, subgroups })],
    ['all 4x64, ', () => ({ rows: 4, threads: 64, subgroups })],
  ];
  for (const [label, formOf] of choices)
    await add(
      `thin: all ${LAYERS.length} layers of 350M, ${label}${rows} rows, ${format}`,
      10,
      prebuilt(gpu, weights, rows, x, y, formOf),
      { bytes },
    );
  tf.dispose([x, y]);
  weights.forEach(weight => weight.dispose());
}

function forms(subgroups: boolean): ThinForm[] {
  const all = [1, 2, 4].flatMap(rows => [32, 64, 128].map(threads => ({ rows, threads, subgroups })));
  return subgroups ? [...all, { rows: 2, threads: 64, subgroups: false }] : all;
}

/** The products with their bind groups made beforehand, as the decode plan has them: what is timed is the GPU. */
function prebuilt(
  gpu: GpuBackend,
  weights: PackedWeight[],
  rows: number,
  x: tf.Tensor,
  y: tf.Tensor,
  formOf: (weight: PackedWeight) => ThinForm,
): () => void {
  const { device } = gpu;
  const pipelines = new Map<string, GPUComputePipeline>();
  const steps = weights.map(weight => {
    const kernel = thinLinear(gpu, weight, { rows }, formOf(weight));
    let pipeline = pipelines.get(kernel.key);
    if (!pipeline) {
      const module = gpu.shader(kernel.key, kernel.code());
      pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
      pipelines.set(kernel.key, pipeline);
    }
    const uniform = device.createBuffer({
      size: 32,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    device.queue.writeBuffer(uniform, 0, kernel.params);
    const buffers = [gpu.buf(x), ...weight.buffers(), gpu.buf(y), uniform];
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    return {
      pipeline,
      group: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
      groups: kernel.groups,
    };
  });
  return () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, groups } of steps) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}
