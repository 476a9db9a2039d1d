/** Each head's RMSNorm, then its rotation, from stock tfjs ops: for sequences of one length that continue none. */
import type * as tf from '@tensorflow/tfjs-core';
import { byHead, byRow, type BatchShape } from '../attention/by-head.ts';
import { rmsNormReference } from '../rms-norm/reference.ts';
import { rotaryReference } from '../rotary/reference.ts';
import type { HeadRotaryOptions } from './op.ts';

/** cos and sin hold as many positions as a sequence is long. */
export function headRotaryReference(
  x: tf.Tensor2D,
  { cos, sin, norm }: Omit<HeadRotaryOptions, 'sequences'>,
  batch: BatchShape,
): tf.Tensor2D {
  const heads = byHead(x, batch, cos.shape[1]);
  const normed = norm ? (rmsNormReference(heads, norm.gain, norm.eps) as tf.Tensor4D) : heads;
  return byRow(rotaryReference(normed, cos, sin));
}
