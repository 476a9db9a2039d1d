/** Replaces tfjs's matrix product on webgpu, for every caller of tf.matMul and for its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { GpuBackend } from '../../backend.ts';
import { recordProduct } from './product.ts';

/** Registers the kernel; once per page. Batches of broadcast shapes and doubly transposed operands stay with tfjs. */
export function overrideMatMul(): void {
  const stock = tf.getKernel(tf.BatchMatMul, 'webgpu');
  tf.unregisterKernel(tf.BatchMatMul, 'webgpu');
  tf.registerKernel({
    ...stock,
    kernelFunc: args => {
      const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const attrs = args.attrs as { transposeA: boolean; transposeB: boolean };
      const plan = args.backend instanceof GpuBackend ? planProduct(a, b, attrs) : null;
      return plan ? multiply(args.backend as GpuBackend, a, b, plan) : stock.kernelFunc(args);
    },
  });
}

interface Product {
  transposeA: boolean;
  transposeB: boolean;
  M: number;
  N: number;
  K: number;
  batchA: number;
  batchB: number;
  shape: number[];
}

/** Null for what the kernels do not do: both transposed, batches that broadcast within, or nothing to sum. */
function planProduct(
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): Product | null {
  const [aRows, aCols] = a.shape.slice(-2);
  const [bRows, bCols] = b.shape.slice(-2);
  const [M, K] = transposeA ? [aCols, aRows] : [aRows, aCols];
  const N = transposeB ? bRows : bCols;
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const batchA = tf.util.sizeFromShape(outerA);
  const batchB = tf.util.sizeFromShape(outerB);
  const alike = tf.util.arraysEqual(outerA, outerB) || batchA === 1 || batchB === 1;
  if (
    (transposeA && transposeB) ||
    !alike ||
    K !== (transposeB ? bCols : bRows) ||
    M * N * K * batchA * batchB === 0
  ) {
    return null;
  }
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  return { transposeA, transposeB, M, N, K, batchA, batchB, shape: [...outer, M, N] };
}

function multiply(backend: GpuBackend, a: tf.TensorInfo, b: tf.TensorInfo, o: Product): tf.TensorInfo {
  const out = backend.alloc(o.shape);
  recordProduct(backend, a, b, out, {
    ...o,
    batch: Math.max(o.batchA, o.batchB),
    sharedA: o.batchA === 1,
    sharedB: o.batchB === 1,
  });
  return out;
}
