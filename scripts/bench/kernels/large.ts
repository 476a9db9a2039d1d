/** The kernels at the shapes of LFM2-VL-450M on a real GPU, against what the device can do at best. */
import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  gpuBackend,
  linear,
  PackedWeight,
  randomNormal,
  TokenSequences,
  type WeightFormat,
} from '../../../src/gpu/index.ts';
import type { Product } from '../../../src/gpu/ops/matmul/operands.ts';
import { chooseTile, recordTile } from '../../../src/gpu/ops/matmul/record-tile.ts';
import { TILES, tileCount, unsplit } from '../../../src/gpu/ops/matmul/tile-rule.ts';
import { measureCeilings } from '../engine/ceilings.ts';
import { timed } from '../engine/timing.ts';
import { benchFused } from './fused.ts';
import { benchHalves } from './halves.ts';
import { LAYERS, withLayer } from './layers.ts';
import { line, TOKENS, type Add, type LargeReport, type LargeRow } from './report.ts';
import { benchOptimizer, benchRows } from './rows.ts';
import { benchThin } from './thin.ts';

/** @param filter  part of a group's name, '' for all of matmul, packed, halves, thin, lora, attention, rows, fused, optimizer */
export async function benchLarge(filter: string): Promise<LargeReport> {
  const ceilings = await measureCeilings();
  console.log(
    `copy ${ceilings.copyGBs.toFixed(0)} GB/s, f32 matmul ${ceilings.matmulTflops.toFixed(1)} TFLOP/s`,
  );
  const rows: LargeRow[] = [];
  const add: Add = async (name, repeat, work, { flops, bytes } = {}) => {
    try {
      const seconds = (await timed(3, () => tf.tidy(() => Array.from({ length: repeat }, work)))) / repeat;
      const row: LargeRow = { name, ms: 1000 * seconds };
      if (flops) row.tflops = flops / seconds / 1e12;
      if (bytes) row.gbs = bytes / seconds / 1e9;
      rows.push(row);
      console.log(line(row, ceilings));
    } catch (error) {
      console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    gpuBackend()!.trim();
  };
  const groups: Record<string, (add: Add) => Promise<void>> = {
    matmul: benchMatMul,
    packed: benchPacked,
    halves: benchHalves,
    thin: benchThin,
    lora: benchLora,
    attention: benchAttention,
    rows: benchRows,
    fused: benchFused,
    optimizer: benchOptimizer,
  };
  for (const [name, bench] of Object.entries(groups)) if (name.includes(filter)) await bench(add);
  return { ceilings, rows };
}

async function benchMatMul(add: Add): Promise<void> {
  for (const n of [1024, 2048, 4096]) {
    const [a, b] = [1, 2].map(key => randomNormal([n, n], key, 0.02) as tf.Tensor2D);
    for (const [order, ta, tb] of [
      ['NN', false, false],
      ['NT', false, true],
      ['TN', true, false],
    ] as const)
      await add(`matmul ${n} ${order} f32`, n < 4096 ? 60 : 10, () => void tf.matMul(a, b, ta, tb), {
        flops: 2 * n ** 3,
      });
    tf.dispose([a, b]);
  }
}

async function benchPacked(add: Add): Promise<void> {
  for (const layer of LAYERS)
    for (const format of ['f32', 'f16', 'int8', 'int4'] satisfies WeightFormat[])
      await withLayer(TOKENS, layer, format, async products => {
        const [N, K] = layer;
        const name = `[${TOKENS}, ${K}] · [${N}, ${K}]ᵀ ${format}`;
        for (const order of ['y', 'dx'] as const)
          await benchTiles(
            add,
            `${name} ${order}`,
            products[order],
            format === 'f16' ? TILES : TILES.slice(0, 1),
          );
      });
}

/** In each of `tiles`, and as the rule chooses where that cuts the rest of the tiles in pieces. */
async function benchTiles(
  add: Add,
  name: string,
  product: Product,
  tiles: readonly (typeof TILES)[number][],
): Promise<void> {
  const gpu = gpuBackend()!;
  const { M, N, K } = product;
  const flops = 2 * M * N * K;
  for (const tile of tiles)
    await add(`${name} ${tile.join('x')}`, 30, () => recordTile(gpu, product, unsplit(tile, product)), {
      flops,
    });
  const { tile, whole, splits } = chooseTile(gpu, product);
  if (splits === 1) return;
  const cut = tileCount(tile, product) - whole;
  await add(`${name} ${tile.join('x')} ${whole}+${cut}/${splits}`, 30, () => recordTile(gpu, product), {
    flops,
  });
}

async function benchLora(add: Add): Promise<void> {
  const [N, K] = [4608, 1024];
  const weight = PackedWeight.noise(N, K, 'f16', 3, 0.02);
  const x = randomNormal([TOKENS, K], 1, 1) as tf.Tensor2D;
  for (const rank of [8, 64]) {
    const a = randomNormal([rank, K], 4, 0.02) as tf.Tensor2D;
    const b = randomNormal([N, rank], 5, 0.02) as tf.Tensor2D;
    const flops = 2 * TOKENS * N * K;
    await add(
      `linear f16 with LoRA r=${rank}, forward`,
      5,
      () => void linear(x, weight, { lora: { a, b, scaling: 2 } }),
      { flops },
    );
    const grads = tf.grads((x, a, b) =>
      linear(x as tf.Tensor2D, weight, { lora: { a: a as tf.Tensor2D, b: b as tf.Tensor2D, scaling: 2 } }),
    );
    const dy = randomNormal([TOKENS, N], 6, 1);
    await add(`linear f16 with LoRA r=${rank}, forward and backward`, 3, () => void grads([x, a, b], dy), {
      flops: 2 * flops,
    });
    tf.dispose([a, b, dy]);
  }
  x.dispose();
  weight.dispose();
}

async function benchAttention(add: Add): Promise<void> {
  for (const [name, B, H, Hk, T, causal] of [
    ['causal 8x486, 16 heads on 8', 8, 16, 8, 486, true],
    ['full 8x280, 12 heads', 8, 12, 12, 280, false],
    ['causal 1x2048, 16 heads on 8', 1, 16, 8, 2048, true],
  ] as const) {
    const shapes = [H, Hk, Hk].map(heads => [B * T, heads * 64]);
    const [q, k, v] = shapes.map((shape, i) => randomNormal(shape, i, 1) as tf.Tensor2D);
    const o = { causal, scale: 1 / 8, headSize: 64, sequences: TokenSequences.padded(B, T) };
    const flops = (4 * B * H * T * T * 64) / (causal ? 2 : 1);
    await add(`attention ${name}, forward`, 20, () => void attention(q, k, v, o), { flops });
    const grads = tf.grads((q, k, v) => attention(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, o));
    const dy = randomNormal(shapes[0], 9, 1);
    await add(`attention ${name}, forward and backward`, 3, () => void grads([q, k, v], dy), {
      flops: flops * 3.5,
    });
    tf.dispose([q, k, v, dy]);
  }
}
