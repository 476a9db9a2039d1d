/**
 * The one place that looks inside tfjs 4.22.0. Everything here is private or untyped there; `assertWebGpuInternals` and
 * `assertWasmInternals` fail at start-up when another version moves it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu/dist/webgpu';
import { GpuError } from './errors.ts';

export interface BufferManager {
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
  dispose(): void;
  numBytesUsed: number;
  numBytesAllocated: number;
}

/** What our passes need of a WebGPUBackend. */
export interface WebGpuInternals {
  device: GPUDevice;
  queue: GPUQueue;
  tensorMap: {
    get(id: tf.DataId): {
      resource?: GPUBuffer | null;
      values?: ArrayLike<number> | null;
      dtype: tf.DataType;
      shape: number[];
    };
  };
  bufferManager: BufferManager;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  commandQueueOwnedIds: Pick<WeakSet<tf.DataId>, 'add' | 'has'>;
  uniformPendingDisposal: GPUBuffer[];
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  makeUniforms(uniforms: { type: string; data: number[] }[]): GPUBufferBinding;
}

export function webGpuInternals(backend: WebGPUBackend): WebGpuInternals {
  return backend as unknown as WebGpuInternals;
}

const METHODS = [
  'ensureCommandEncoderReady',
  'endComputePassEncoder',
  'submitQueue',
  'makeUniforms',
  'uploadToGPU',
  'makeTensorInfo',
];
const FIELDS = [
  'device',
  'queue',
  'tensorMap',
  'bufferManager',
  'commandEncoder',
  'computePassEncoder',
  'dispatchCountInPass',
  'commandQueueOwnedIds',
  'uniformPendingDisposal',
];
/** Of the tensor engine; `patches/tape.ts` replaces the last three. */
const ENGINE = ['makeTensorFromTensorInfo', 'state', 'runKernel', 'gradients', 'addTapeNode'];
/** Of its buffer manager, which `patches/pool.ts` replaces. */
const BUFFER_FIELDS = ['acquireBuffer', 'releaseBuffer', 'dispose', 'numBytesUsed', 'numBytesAllocated'];

/** Throws when the installed tfjs lacks an internal that our passes use. */
export function assertWebGpuInternals(backend: WebGPUBackend): void {
  const missing = [
    ...METHODS.filter(name => typeof Reflect.get(backend, name) !== 'function'),
    ...FIELDS.filter(name => !(name in backend)),
    ...BUFFER_FIELDS.filter(name => !(name in webGpuInternals(backend).bufferManager)),
    ...ENGINE.filter(name => !(name in tf.engine())),
  ];
  if (missing.length > 0) {
    throw new GpuError('invalid-dispatch', {
      message: `tfjs-backend-webgpu has changed inside: no ${missing.join(', ')}. This project needs exactly 4.22.0; run npm ci.`,
    });
  }
}

/** What our kernels need of the wasm backend: tensors as views of its heap. */
export type WasmBackend = BackendWasm;

/** The tensor engine's current tape, which a nested `tf.grads` would drop. */
export function activeTape(): { get(): unknown; set(tape: unknown): void } {
  const state = tf.engine().state as unknown as { activeTape: unknown };
  return { get: () => state.activeTape, set: tape => void (state.activeTape = tape) };
}

/** Whether a kernel that runs now is recorded for a gradient; else the engine's bookkeeping around it serves nobody. */
export function tapeIsOn(): boolean {
  const { gradientDepth, kernelDepth } = tf.engine().state as unknown as Record<string, number>;
  return gradientDepth > 0 && kernelDepth === 0;
}

/** Wraps what a backend made as a tensor that the engine tracks. */
export function tensorOf<R extends tf.Rank>(info: tf.TensorInfo): tf.Tensor<R> {
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor<R>;
}
