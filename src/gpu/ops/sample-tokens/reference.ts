/** Gumbel-max sampling in plain JavaScript over logits that were read back. */
import { uniform } from '../../random.ts';
import type { SampleOptions } from './op.ts';

/**
 * @param logits  [S, V], before temperature.
 * @returns the chosen tokens, and log_softmax(logits / temperature) there.
 */
export function sampleReference(
  logits: Float32Array,
  vocabulary: number,
  o: SampleOptions,
): { tokens: Int32Array; logps: Float32Array } {
  const rows = logits.length / vocabulary;
  const tokens = new Int32Array(rows);
  const logps = new Float32Array(rows);
  const banned = new Set(o.banned);
  const temperature = o.temperature === 0 ? 1 : o.temperature;
  for (let row = 0; row < rows; row++) {
    const scaled = logits.subarray(row * vocabulary, (row + 1) * vocabulary).map(x => x / temperature);
    const top = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = scaled.reduce((a, x) => a + Math.exp(x - top), 0);
    const floor = o.temperature === 0 ? -Infinity : threshold(scaled, banned, o);
    let best = -Infinity;
    for (let id = 0; id < vocabulary; id++) {
      if (scaled[id] < floor || banned.has(id)) continue;
      const noise = o.temperature === 0 ? 0 : -Math.log(-Math.log(uniform(o.keys[row], id)));
      if (scaled[id] + noise > best) {
        best = scaled[id] + noise;
        tokens[row] = id;
      }
    }
    logps[row] = scaled[tokens[row]] - top - Math.log(sum);
  }
  return { tokens, logps };
}

/** The lowest scaled logit that top-k, then top-p, then min-p keep; ties with it are kept, as in transformers' warpers. */
function threshold(scaled: Float32Array, banned: Set<number>, o: SampleOptions): number {
  const noTopK = o.topK <= 0 || o.topK >= scaled.length;
  if (noTopK && o.topP >= 1 && o.minP === null) return -Infinity;
  const sorted = scaled
    .filter((_, id) => !banned.has(id))
    .sort()
    .reverse();
  let floor = noTopK ? -Infinity : sorted[Math.min(o.topK, sorted.length) - 1];
  if (o.topP < 1) {
    const kept = sorted.filter(x => x >= floor).map(x => Math.exp(x - sorted[0]));
    const total = kept.reduce((a, b) => a + b, 0);
    let mass = 0;
    for (let i = 0; i < kept.length && mass < o.topP * total; i++) {
      floor = sorted[i];
      mass += kept[i];
    }
  }
  // p ≥ minP · max p means a logit within log minP of the largest.
  return o.minP === null ? floor : Math.max(floor, sorted[0] + Math.log(o.minP));
}
