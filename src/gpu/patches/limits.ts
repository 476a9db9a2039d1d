/** Tensors and dispatches beyond the adapter's limits throw; stock tfjs lets WebGPU drop the batch and reads back zeros. */
import * as tf from '@tensorflow/tfjs-core';
import { GpuError } from '../errors.ts';

/** @throws {GpuError} `limit-exceeded` when a tensor is larger than one buffer or one binding can be. */
export function assertTensorFits(shape: number[], dtype: tf.DataType, limits: Record<string, number>): void {
  assertBytesFit(tf.util.sizeFromShape(shape) * 4, `A ${dtype} tensor of shape [${shape}]`, limits);
}

/** @throws {GpuError} `limit-exceeded` when `what` is larger than one buffer or one binding can be. */
export function assertBytesFit(bytes: number, what: string, limits: Record<string, number>): void {
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (bytes <= most) return;
  throw new GpuError('limit-exceeded', {
    message:
      `${what} takes ${mib(bytes)} MiB, but this GPU binds at most ${mib(most)} MiB at once. ` +
      'Use smaller batches, or shorter prompts.',
  });
}

/** Runs `record`, and turns tfjs's assertion on workgroup counts into a `limit-exceeded`. */
export function explainDispatchLimit<T>(name: string, record: () => T): T {
  try {
    return record();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('Dispatch size exceeds')) throw error;
    throw new GpuError('limit-exceeded', {
      message: `${name} needs more workgroups than this GPU takes. Use smaller batches.`,
      cause: error,
    });
  }
}

function mib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
