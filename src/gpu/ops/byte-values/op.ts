/** Bytes as the floats that a table has for them: images go to the GPU in a quarter of the space, and no loop runs over them here. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { BYTE_VALUES_WGSL } from './kernel.wgsl.ts';

/**
 * out[i] = table[i mod channels, bytes[i]]; no gradient.
 *
 * @param bytes  as many as `shape` has elements.
 * @param table  [channels · 256], channel by channel.
 * @throws {RangeError} when the sizes do not fit.
 */
export function byteValues<R extends tf.Rank>(
  bytes: Uint8Array,
  table: Float32Array,
  shape: number[],
): tf.Tensor<R> {
  const channels = table.length / 256;
  if (tf.util.sizeFromShape(shape) !== bytes.length || !Number.isInteger(channels) || channels === 0)
    throw new RangeError(`${bytes.length} bytes and a table of ${table.length} do not make [${shape}].`);
  const gpu = gpuBackend();
  if (!gpu) return tf.tensor<R>(look(bytes, table, channels), shape as tf.ShapeMap[R], 'float32');
  const words = wordsOf(bytes);
  const out = gpu.tensor<R>(shape);
  const numbers = params(words.length, channels, bytes.length, 0);
  gpu.dispatch('byte-values', BYTE_VALUES_WGSL, [words, table, out], numbers, grid(words.length));
  return out;
}

/** Four bytes a word, without a copy where they lie so. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset % 4 === 0 && length % 4 === 0) return new Uint32Array(buffer, byteOffset, length / 4);
  const words = new Uint32Array(Math.ceil(length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

function look(bytes: Uint8Array, table: Float32Array, channels: number): Float32Array {
  const values = new Float32Array(bytes.length);
  for (let channel = 0; channel < channels; channel++) {
    const own = table.subarray(256 * channel, 256 * (channel + 1));
    for (let i = channel; i < values.length; i += channels) values[i] = own[bytes[i]];
  }
  return values;
}
