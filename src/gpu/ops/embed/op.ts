/** Rows of a table by id, with a deterministic gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { fuse, grid, onHeap, params } from '../../fused.ts';
import { tensorOf, type WasmBackend } from '../../internals.ts';
import type { PackedWeight } from '../../packed/index.ts';
import { gatherPackedWgsl, gatherWgsl, LINK_WGSL, SUM_WGSL } from './kernel.wgsl.ts';

const run = fuse({
  name: 'Embed',
  inputs: ['table', 'ids'],
  webgpu: (gpu, { table, ids }) => {
    const [count, width] = [ids.shape[0], table.shape[1]];
    const out = gpu.alloc([count, width]);
    const lanes = width % 4 === 0 ? 4 : 1;
    const units = width / lanes;
    gpu.dispatch(
      `embed-${lanes}`,
      () => gatherWgsl(lanes),
      [table, ids, out],
      params(count, units),
      grid(count * units),
    );
    return out;
  },
  wasm: (wasm, { table, ids }) => {
    const width = table.shape[1];
    return onHeap(wasm, [ids.shape[0], width], [table], (out, rows) =>
      wasm
        .typedArrayFromHeap(ids)
        .forEach((id, n) => out.set(rows.subarray(id * width, (id + 1) * width), n * width)),
    );
  },
  gradient: (dy, { table, ids }) => ({
    table: () => {
      const gpu = gpuBackend();
      return gpu ? gradOnGpu(gpu, dy, ids, table.shape) : gradOnHeap(dy, ids, table.shape);
    },
    ids: () => tf.zeros(ids.shape),
  }),
});

/**
 * table[ids].
 *
 * @param table  [V, D].
 * @param ids  [N], int32, each in 0 … V - 1.
 * @returns [N, D]. The gradient into `table` adds rows in a fixed order, so equal runs give equal bits.
 */
export function embed(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  return run({ table, ids }) as tf.Tensor2D;
}

/**
 * Rows of a frozen table by id; no gradient.
 *
 * @param ids  [N], int32, each in 0 … rows - 1.
 * @returns [N, columns].
 */
export function embedPacked(table: PackedWeight, ids: tf.Tensor1D): tf.Tensor2D {
  const gpu = gpuBackend();
  if (!gpu) return embed(table.heapValue(), ids);
  const { columns, format } = table;
  const count = ids.shape[0];
  const out = gpu.tensor<tf.Rank.R2>([count, columns]);
  const aligned = columns % 4 === 0;
  gpu.dispatch(
    `embed-${format}-${aligned}`,
    () => gatherPackedWgsl(format, aligned),
    [...table.buffers(), ids, out],
    params(count, columns),
    grid(count * Math.ceil(columns / 4)),
  );
  return out as tf.Tensor2D;
}

function gradOnGpu(gpu: GpuBackend, dy: tf.Tensor, ids: tf.Tensor, shape: number[]): tf.Tensor {
  const [count, width] = [ids.shape[0], shape[1]];
  // Not tf.zeros, which uploads them from the processor.
  const grad = tf.fill(shape, 0);
  const links = gpu.alloc([count, 2], 'int32');
  const numbers = params(count, width);
  gpu.dispatch('embed-link', LINK_WGSL, [ids, links], numbers, [Math.ceil(count / 64), 1, 1]);
  gpu.dispatch('embed-sum', SUM_WGSL, [ids, links, dy, grad], numbers, grid(count * width));
  gpu.disposeData(links.dataId);
  gpu.touched(grad);
  return grad;
}

function gradOnHeap(dy: tf.Tensor, ids: tf.Tensor, shape: number[]): tf.Tensor {
  const wasm = tf.backend() as WasmBackend;
  const width = shape[1];
  const sum = (out: Float32Array, rows: Float32Array): void => {
    out.fill(0);
    wasm.typedArrayFromHeap(ids).forEach((id, n) => {
      for (let c = 0; c < width; c++) out[id * width + c] += rows[n * width + c];
    });
  };
  return tensorOf(onHeap(wasm, shape, [dy], sum));
}
