/** How the flat tokens of a micro-batch belong to rows (one row per turn), with sums over rows as matrix products. */
import * as tf from '@tensorflow/tfjs-core';

/** N completion tokens of B rows. Tokens of a row need not lie side by side. */
export class Rows {
  /** Loss tokens of each row, [B]. */
  readonly lengths: Float32Array;

  /**
   * @param rowOf  [N], in [0, count).
   * @param mask  [N], 1 for a token that the policy is trained on, else 0.
   * @param count  B.
   * @throws {RangeError} when the two differ in length or a token has no row.
   */
  constructor(
    readonly rowOf: Int32Array,
    readonly mask: Float32Array,
    readonly count: number,
  ) {
    if (rowOf.length !== mask.length) {
      throw new RangeError(`rowOf has ${rowOf.length} tokens and mask has ${mask.length}.`);
    }
    this.lengths = new Float32Array(count);
    rowOf.forEach((row, token) => {
      if (row < 0 || row >= count) throw new RangeError(`Token ${token} names row ${row} of ${count}.`);
      this.lengths[row] += mask[token];
    });
  }

  /** N. */
  get tokens(): number {
    return this.rowOf.length;
  }

  /** Loss tokens, the sum of the mask. */
  get lossTokens(): number {
    return this.lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Rows' constants at every token: [B] to [N]. */
  spread(values: ArrayLike<number>): Float32Array {
    return Float32Array.from(this.rowOf, row => values[row]);
  }

  /**
   * Every token's row's `reduce` over its loss tokens, [N] to [N], differentiable.
   * Products with a constant row matrix, because wasm lacks the segment sums that a gather's gradient would need.
   */
  reduce(values: tf.Tensor1D, how: 'sum' | 'mean'): tf.Tensor1D {
    const collect = new Float32Array(this.count * this.tokens);
    const spread = new Float32Array(this.count * this.tokens);
    this.rowOf.forEach((row, token) => {
      const weight = how === 'sum' ? 1 : 1 / Math.max(1, this.lengths[row]);
      collect[row * this.tokens + token] = this.mask[token] * weight;
      spread[token * this.count + row] = 1;
    });
    const perRow = tf.matMul(tf.tensor2d(collect, [this.count, this.tokens]), tf.reshape(values, [-1, 1]));
    return tf.reshape(tf.matMul(tf.tensor2d(spread, [this.tokens, this.count]), perRow), [-1]);
  }

  /** Every token's row's sum or mean over its loss tokens, of values at hand. [N] to [N]. */
  reduceNow(values: Float32Array, how: 'sum' | 'mean'): Float32Array {
    return this.spread(this.perRow(values, how));
  }

  /** Each row's sum or mean over its loss tokens, [N] to [B]; a row without loss tokens has 0. */
  perRow(values: ArrayLike<number>, how: 'sum' | 'mean'): Float64Array {
    const sums = new Float64Array(this.count);
    this.rowOf.forEach((row, token) => {
      sums[row] += values[token] * this.mask[token];
    });
    return how === 'sum' ? sums : sums.map((sum, row) => sum / Math.max(1, this.lengths[row]));
  }
}
