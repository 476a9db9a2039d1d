/** What samples and what trains round differently: rows weighed by how much, and what that is reported as. */
import type { RunConfig } from '../config.ts';
import { maximum, mean, minimum } from '../grpo/statistics.ts';
import { samplingRatio } from '../grpo/token-masks.ts';
import { tokenRows, type Row } from './rows.ts';

/**
 * Sets the `samplingRatio` of rows that have `oldLogps`.
 *
 * @returns TRL's `sampling/importance_sampling_ratio/*`; 0 where there are no tokens, as there.
 */
export function correctSampler(rows: readonly Row[], config: RunConfig): Record<string, number> {
  const mode = config.vllm_importance_sampling_mode;
  const bounds = {
    min: config.vllm_importance_sampling_clip_min,
    max: config.vllm_importance_sampling_clip_max,
  };
  const counted: number[] = [];
  for (const row of rows) {
    row.samplingRatio = samplingRatio(tokenRows([row]), row.oldLogps!, row.samplerLogps, mode, bounds);
    counted.push(...(mode.startsWith('sequence') ? row.samplingRatio.subarray(0, 1) : row.samplingRatio));
  }
  const values = counted.length > 0 ? counted : [0];
  return {
    'sampling/importance_sampling_ratio/min': minimum(values),
    'sampling/importance_sampling_ratio/mean': mean(values),
    'sampling/importance_sampling_ratio/max': maximum(values),
  };
}
