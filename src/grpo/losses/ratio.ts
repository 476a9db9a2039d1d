/** Importance ratios where they live: one a token, or one a row at sequence level; of numbers read back from the device. */
import type { LossReadings } from './loss.ts';

export interface Ratios {
  /** Policy over behaviour policy, [N] or [B]. */
  ratio: Float32Array;
  /** The advantage at each, [N] or [B]. */
  advantages: ArrayLike<number>;
  /** What each counts in a mean: the mask, or 1 for each row. */
  weight: Float32Array;
  /** A mean for each row of values at the ratios, [B]; NaN for a row without loss tokens at token level. */
  perRow(values: Float32Array): Iterable<number>;
}

/** @see TRL GRPOTrainer._compute_loss: its tensors are (B, T) at token level and (B, 1) at sequence level. */
export function ratios({ config, rows, logRatio, advantages }: LossReadings): Ratios {
  if (config.importance_sampling_level === 'sequence') {
    const ratio = Float32Array.from(rows.perRow(logRatio, 'mean'), Math.exp);
    return { ratio, advantages, weight: ratio.map(() => 1), perRow: values => values };
  }
  return {
    ratio: logRatio.map(Math.exp),
    advantages: rows.spread(advantages),
    weight: rows.mask,
    perRow: values => rows.perRow(values, 'mean').map((mean, row) => (rows.lengths[row] > 0 ? mean : NaN)),
  };
}
