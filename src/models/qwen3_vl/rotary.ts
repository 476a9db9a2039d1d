/** Interleaved multi-axis rotary positions: which frequency turns by which axis, and the angles of a batch's rows. */
import * as tf from '@tensorflow/tfjs-core';
import { rotary, TokenSequences } from '../../gpu/ops/index.ts';
import { RotaryTables, type RotaryRows } from '../lfm2/rotary-tables.ts';
import type { Qwen3TextConfig } from './config.ts';
import type { Positions } from './positions.ts';

/** Angles of rows that stand anywhere, one row of cosines and sines for each. */
export interface RowAngles extends RotaryRows {
  /** As one sequence, row i stands at position i of the angles. */
  sequences: TokenSequences;
}

export class MultiAxisRotary {
  readonly #tables: RotaryTables;
  /** For time, height and width, 1 where a dimension turns by it. */
  readonly #masks: Float32Array[];

  constructor({ headSize, ropeTheta, ropeSections }: Qwen3TextConfig) {
    this.#tables = new RotaryTables(headSize, ropeTheta);
    const half = headSize / 2;
    const axisOf = (dimension: number): number => {
      const k = dimension % half;
      if (k % 3 === 1 && k < 3 * ropeSections.height) return 1;
      return k % 3 === 2 && k < 3 * ropeSections.width ? 2 : 0;
    };
    this.#masks = [0, 1, 2].map(axis =>
      Float32Array.from({ length: headSize }, (_, dimension) => (axisOf(dimension) === axis ? 1 : 0)),
    );
  }

  /** [rows, headSize] each. Call within a tidy. */
  rows({ time, height, width, isSpatial }: Positions): RowAngles {
    if (!isSpatial) return this.at(time);
    const parts = [time, height, width].map((axis, index) => {
      const { cos, sin } = this.#tables.at(axis);
      const mask = tf.tensor1d(this.#masks[index]);
      return { cos: tf.mul(cos, mask), sin: tf.mul(sin, mask) };
    });
    const sum = (tensors: tf.Tensor[]): tf.Tensor2D => tf.addN(tensors) as tf.Tensor2D;
    return {
      cos: sum(parts.map(({ cos }) => cos)),
      sin: sum(parts.map(({ sin }) => sin)),
      sequences: TokenSequences.padded(1, time.length),
    };
  }

  /** Of tokens that stand at the same place on every axis. */
  at(positions: Int32Array): RowAngles {
    return { ...this.#tables.at(positions), sequences: TokenSequences.padded(1, positions.length) };
  }

  dispose(): void {
    this.#tables.dispose();
  }
}

/** Turns each row's heads. x: [rows · heads, headSize]; returns the same shape. */
export function turnRows(x: tf.Tensor2D, { cos, sin }: RotaryRows): tf.Tensor2D {
  const [rows, headSize] = cos.shape;
  const of = (table: tf.Tensor2D): tf.Tensor => tf.reshape(table, [rows, 1, 1, headSize]);
  const heads = tf.reshape(x, [rows, x.shape[0] / rows, 1, headSize]) as tf.Tensor4D;
  return tf.reshape(rotary(heads, of(cos), of(sin)), x.shape);
}
