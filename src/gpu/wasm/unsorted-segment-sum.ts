/** A kernel that tfjs-backend-wasm lacks: sums rows by segment, which is the gradient of every gather. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../internals.ts';

export function registerUnsortedSegmentSum(): void {
  tf.registerKernel({
    kernelName: tf.UnsortedSegmentSum,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const wasm = backend as WasmBackend;
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const inner = x.shape.slice(1);
      const width = tf.util.sizeFromShape(inner);
      const segments = Number(attrs?.numSegments);
      const out = wasm.makeOutput([segments, ...inner], x.dtype);
      // Views come after the allocation, which may have moved the heap.
      const sums = wasm.typedArrayFromHeap(out);
      const rows = wasm.typedArrayFromHeap(x);
      const ids = wasm.typedArrayFromHeap(segmentIds);
      sums.fill(0);
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] < 0 || ids[i] >= segments) continue;
        const to = ids[i] * width;
        const from = i * width;
        for (let j = 0; j < width; j++) sums[to + j] += rows[from + j];
      }
      return out;
    },
  });
}
