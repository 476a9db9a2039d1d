/** Cosines and sines of rotary positions, computed in float64 once and kept for as many positions as were asked for. */
import * as tf from '@tensorflow/tfjs-core';

export interface RotaryRows {
  cos: tf.Tensor2D;
  sin: tf.Tensor2D;
}

/** Angles of position p, dimension k: p · θ^(-2k / size), the half repeated, as transformers' default rope. */
export class RotaryTables {
  #rows?: RotaryRows;
  #length = 0;

  constructor(
    private readonly headSize: number,
    private readonly theta: number,
  ) {}

  /** [length, headSize] each, for positions 0 … length - 1. A slice inside the caller's tidy. */
  range(length: number): RotaryRows {
    const { cos, sin } = this.#grown(length);
    if (cos.shape[0] === length) return { cos, sin };
    const part = (table: tf.Tensor2D): tf.Tensor2D => tf.slice(table, [0, 0], [length, this.headSize]);
    return { cos: part(cos), sin: part(sin) };
  }

  /** Positions from 0 on, `length` at least: the tables themselves, for what looks its positions up. */
  reaching(length: number): RotaryRows {
    return this.#grown(length);
  }

  /** [positions, headSize] each. */
  at(positions: Int32Array): RotaryRows {
    const { cos, sin } = this.#grown(positions.reduce((a, b) => Math.max(a, b), 0) + 1);
    const rows = tf.tensor1d(positions, 'int32');
    return { cos: tf.gather(cos, rows), sin: tf.gather(sin, rows) };
  }

  /** [length, headSize / 2] of (cosine, sine), on the processor. */
  pairs(length: number): Float32Array {
    const half = this.headSize / 2;
    const pairs = new Float32Array(length * half * 2);
    for (let position = 0; position < length; position++)
      for (let k = 0; k < half; k++) {
        const angle = position * this.theta ** ((-2 * k) / this.headSize);
        pairs[2 * (position * half + k)] = Math.cos(angle);
        pairs[2 * (position * half + k) + 1] = Math.sin(angle);
      }
    return pairs;
  }

  dispose(): void {
    if (this.#rows) tf.dispose([this.#rows.cos, this.#rows.sin]);
    this.#rows = undefined;
    this.#length = 0;
  }

  #grown(length: number): RotaryRows {
    if (this.#rows && length <= this.#length) return this.#rows;
    this.dispose();
    this.#length = Math.max(256, 2 ** Math.ceil(Math.log2(length)));
    const angles = new Float64Array(this.#length * this.headSize);
    const half = this.headSize / 2;
    for (let position = 0; position < this.#length; position++)
      for (let k = 0; k < this.headSize; k++)
        angles[position * this.headSize + k] = position * this.theta ** ((-2 * (k % half)) / this.headSize);
    const table = (f: (angle: number) => number): tf.Tensor2D =>
      tf.keep(tf.tensor2d(Float32Array.from(angles, f), [this.#length, this.headSize]));
    return (this.#rows = { cos: table(Math.cos), sin: table(Math.sin) });
  }
}
