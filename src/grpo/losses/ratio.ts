/** Importance ratios at the configured level, of numbers read back from the device. */
import type { LossReadings } from './loss.ts';

/** Policy over behaviour policy at every token, [N]: the token's own, or its row's geometric mean at sequence level. */
export function ratios({ config, rows, logRatio }: LossReadings): Float32Array {
  const logs =
    config.importance_sampling_level === 'sequence' ? rows.spread(rows.perRow(logRatio, 'mean')) : logRatio;
  return logs.map(Math.exp);
}
