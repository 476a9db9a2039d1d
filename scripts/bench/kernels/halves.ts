/** Products on packed weights where the device computes float16: read natively, and by matrix units in every form of a tile. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, randomNormal, type GpuBackend } from '../../../src/gpu/index.ts';
import { fitsDevice, HALF_FORMS, recordHalf } from '../../../src/gpu/ops/matmul/record-half.ts';
import type { Product } from '../../../src/gpu/ops/matmul/operands.ts';
import { recordTile } from '../../../src/gpu/ops/matmul/record-tile.ts';
import { LAYERS, withLayer } from './layers.ts';
import { TOKENS, type Add } from './report.ts';

/** Rows of a training batch, and of the prompt of one group. */
const ROWS = [TOKENS, 454];

export async function benchHalves(add: Add): Promise<void> {
  const gpu = gpuBackend()!;
  const { half } = gpu.gpu;
  if (!half.native) console.log('not run: float16 read natively (the adapter has no shader-f16)');
  if (!half.matrices) console.log(`not run: products by matrix units (${half.missing})`);
  else console.log(`matrix units: ${JSON.stringify(half.matrices)}`);
  for (const rows of ROWS)
    for (const layer of LAYERS)
      for (const format of ['f16', 'int8', 'int4'] as const) {
        if (format !== 'f16' && (rows !== TOKENS || layer[0] === layer[1])) continue;
        await withLayer(rows, layer, format, async ({ y, dx }) => {
          for (const product of [y, dx]) await benchProduct(gpu, add, product);
          if (format === 'f16' && rows === TOKENS) await benchSums(gpu, add, y);
        });
      }
}

async function benchProduct(gpu: GpuBackend, add: Add, product: Product): Promise<void> {
  const { half } = gpu.gpu;
  const { M, N, K, b } = product;
  const flops = 2 * M * N * K;
  const name = `[${M}, ${K}] · [${K}, ${N}] ${b.format} ${b.along ? 'dx' : 'y'}`;
  const { native } = half;
  try {
    for (const way of native && b.format === 'f16' ? [false, true] : [native]) {
      half.native = way;
      const how = b.format === 'f16' && way ? ', read natively' : '';
      await add(`${name} float32${how}`, 30, () => recordTile(gpu, product), { flops });
    }
  } finally {
    half.native = native;
  }
  if (!half.matrices) return;
  await add(`${name} by matrix units`, 30, () => recordHalf(gpu, product), { flops });
  if (b.format !== 'f16') return;
  for (const form of HALF_FORMS)
    if (fitsDevice(gpu, form, b.along))
      await add(
        `${name} ${form.tileM}x${form.tileN} ${form.threads} threads, step ${form.step}, ${form.buffers} buffers`,
        30,
        () => recordHalf(gpu, product, form),
        { flops },
      );
}

/** With what a layer adds: a branch of rank 8 and a residual. */
async function benchSums(gpu: GpuBackend, add: Add, product: Product): Promise<void> {
  const { M, N, K, b } = product;
  const rank = 8;
  const [low, up, residual] = [
    [M, rank],
    [N, rank],
    [M, N],
  ].map((shape, key) => randomNormal(shape, key, 1));
  const full: Product = {
    ...product,
    second: { a: low, b: up, along: false, rank, scaling: 2 },
    residual,
  };
  const cost = { flops: 2 * M * N * (K + rank) };
  const name = `[${M}, ${K}] · [${K}, ${N}] ${b.format} y with LoRA r=${rank} and residual`;
  await add(`${name} float32`, 30, () => recordTile(gpu, full), cost);
  if (gpu.gpu.half.matrices) await add(`${name} by matrix units`, 30, () => recordHalf(gpu, full), cost);
  tf.dispose([low, up, residual]);
}
