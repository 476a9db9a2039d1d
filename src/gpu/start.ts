/** Chooses and starts the tensor backend: our WebGPU device where there is one, WebAssembly elsewhere. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { GpuBackend } from './backend.ts';
import { openDevice } from './device.ts';
import { GpuError } from './errors.ts';
import { overrideMatMul } from './ops/matmul/op.ts';
import { patchForSoftware } from './patches/software.ts';
import { patchSoftmax } from './patches/softmax.ts';
import { releaseAlongTheTape } from './patches/tape.ts';
import { startWasm } from './wasm/start.ts';

/** What runs the tensors, for the page's device card. */
export interface BackendInfo {
  backend: 'webgpu' | 'wasm';
  /** Adapter's vendor and description, or the processor for wasm. */
  name: string;
  /** True for a software adapter such as SwiftShader. */
  software: boolean;
  features: string[];
  limits: Record<string, number>;
  /** Why webgpu was not taken and what that costs, '' otherwise. */
  notice: string;
}

/** Dispatches recorded before a submit. tfjs's 15 costs twice the CPU time; more raises peak memory (gpu.md 3). */
const DISPATCHES_PER_SUBMIT = 64;

let patched = false;
let current: GpuBackend | null = null;

/**
 * Makes `choice` the backend of every tensor from now on. `auto` takes webgpu when there is an adapter, else wasm with a notice.
 * May be called again, also to change backends (tensors made before stay with their backend) or after a device was lost.
 *
 * @throws {GpuError} `no-webgpu`, `no-adapter` or `no-wasm` when the choice cannot be had.
 */
export async function startBackend(choice: 'auto' | 'webgpu' | 'wasm'): Promise<BackendInfo> {
  releaseAlongTheTape();
  if (choice === 'wasm') return startWasm('');
  try {
    return await startWebGpu();
  } catch (error) {
    const absent = error instanceof GpuError && (error.code === 'no-webgpu' || error.code === 'no-adapter');
    if (choice === 'webgpu' || !absent) throw error;
    return startWasm(
      `No GPU is used: ${error.message} Everything runs on the processor instead: fine for the embedded policy ` +
        '(a training step takes seconds to tens of seconds), too slow for models above some ten million parameters.',
    );
  }
}

async function startWebGpu(): Promise<BackendInfo> {
  if (!current || current.lost) {
    const gpu = await openDevice();
    if (current) tf.removeBackend('webgpu');
    if (!patched) {
      patchSoftmax();
      patchForSoftware();
      overrideMatMul();
      patched = true;
    }
    current = new GpuBackend(gpu);
    const backend = current;
    tf.registerBackend('webgpu', () => backend, 3);
  }
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  tf.env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', DISPATCHES_PER_SUBMIT);
  await tf.setBackend('webgpu');
  await tf.ready();
  const { name, software, features, limits } = current.gpu;
  return { backend: 'webgpu', name, software, features, limits, notice: '' };
}
