/** Reading back, and asking after errors and memory: the calls that wait for the GPU. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from './backend.ts';

/**
 * Waits for the GPU's verdict on all that was recorded, and throws the first error since the last check.
 * Without it a rejected command reads as zeros. Does nothing on wasm, which throws where it fails.
 */
export async function checkGpu(): Promise<void> {
  await gpuBackend()?.check();
}

/**
 * A tensor's values, or the GPU's error; never zeros after a rejected command.
 * @returns a typed array that the caller may keep; wasm and webgpu alike.
 */
export async function readTensor(tensor: tf.Tensor): Promise<Float32Array | Int32Array> {
  const gpu = gpuBackend();
  if (!gpu) return (await tensor.data()) as Float32Array | Int32Array;
  try {
    const data = (await tensor.data()) as Float32Array | Int32Array;
    await gpu.check();
    // tfjs would keep this very array as its CPU copy; now it is the caller's alone.
    gpu.touched(tensor);
    return data;
  } catch (error) {
    // A device lost while mapping rejects with AbortError: report the loss instead.
    await gpu.check();
    throw error;
  }
}

/** Frees idle GPU memory down to `keepBytes`. Call between steps: tfjs keeps one buffer of every size it ever needed. */
export function trimPool(keepBytes = 0): void {
  gpuBackend()?.trim(keepBytes);
}

/**
 * Frees idle GPU memory that the work since the last call did not need. Call between the steps of a loop.
 * @param idleBytes  that may stay idle besides, up to as much as that work used
 */
export function settlePool(idleBytes = 0): void {
  gpuBackend()?.settle(idleBytes);
}

/** Bytes the backend holds: in use, and in use plus idle. Zero on wasm, which does not say. */
export function gpuMemory(): { used: number; allocated: number } {
  return gpuBackend()?.bytes() ?? { used: 0, allocated: 0 };
}
