/** Many small sums at once: what micro-batches' gradients add up to, where a dispatch each costs more than the additions. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { grid, params } from '../../fused.ts';
import { addPairsWgsl, MOST_PAIRS } from './kernel.wgsl.ts';

type Pair = readonly [sum: tf.Tensor, addend: tf.Tensor];

/**
 * The sum of each pair, of one shape. Takes the pairs over: on webgpu a sum changes in place unless others share its data.
 * @returns the sums, in order.
 * @throws {RangeError} when a pair's shapes differ.
 */
export function addAll(pairs: readonly Pair[]): tf.Tensor[] {
  const odd = pairs.find(([sum, addend]) => !tf.util.arraysEqual(sum.shape, addend.shape));
  if (odd) throw new RangeError(`addAll cannot add [${odd[1].shape}] to [${odd[0].shape}].`);
  const gpu = gpuBackend();
  const own = gpu ? pairs.filter(([sum]) => gpu.refCount(sum.dataId) === 1) : [];
  const inPlace = new Set<tf.Tensor>();
  for (let first = 0; first < own.length; first += MOST_PAIRS) {
    const some = own.slice(first, first + MOST_PAIRS);
    record(gpu!, some);
    for (const [sum] of some) inPlace.add(sum);
  }
  return pairs.map(([sum, addend]) => {
    const result = inPlace.has(sum) ? sum : tf.add(sum, addend);
    tf.dispose(result === sum ? addend : [sum, addend]);
    return result;
  });
}

function record(gpu: GpuBackend, pairs: readonly Pair[]): void {
  const sizes = pairs.map(([sum]) => sum.size);
  const key = `add-pairs-${pairs.length}`;
  gpu.dispatch(
    key,
    () => addPairsWgsl(pairs.length),
    pairs.flat(),
    params(...sizes),
    grid(Math.max(...sizes)),
  );
  for (const [sum] of pairs) gpu.touched(sum);
}
