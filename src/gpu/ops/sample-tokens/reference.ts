/** Gumbel-max sampling in plain JavaScript over logits that were read back. */
import { uniform } from '../../random.ts';
import type { SampledTokens, SampleOptions } from './op.ts';

/**
 * @param logits  [S, V], before temperature.
 * @returns the chosen tokens, and log_softmax(logits / temperature) there.
 */
export function sampleReference(logits: Float32Array, vocabulary: number, o: SampleOptions): SampledTokens {
  const rows = logits.length / vocabulary;
  const tokens = new Int32Array(rows);
  const logps = new Float32Array(rows);
  const allowed = new Uint8Array(vocabulary);
  const penalty = o.repetition?.penalty ?? 1;
  const greedy = o.temperature === 0;
  const temperature = greedy ? 1 : o.temperature;
  const scaled = new Float32Array(vocabulary);
  for (let row = 0; row < rows; row++) {
    const own = o.allowed?.[row];
    for (let id = 0; id < vocabulary; id++) allowed[id] = own ? (own[id >>> 5] >>> (id & 31)) & 1 : 1;
    for (const id of o.banned) allowed[id] = 0;
    let top = -Infinity;
    for (let id = 0; id < vocabulary; id++) {
      scaled[id] = logits[row * vocabulary + id] / temperature;
      if (scaled[id] > top) top = scaled[id];
    }
    let sum = 0;
    for (let id = 0; id < vocabulary; id++) sum += Math.exp(scaled[id] - top);
    // What log-probabilities are of is not what a repetition penalty lets be drawn.
    const logOf = (id: number): number => logits[row * vocabulary + id] / temperature - top - Math.log(sum);
    for (const id of penalised(o, row)) {
      const logit = logits[row * vocabulary + id];
      scaled[id] = Math.fround(logit < 0 ? logit * penalty : logit / penalty) / temperature;
    }
    const floor = greedy ? -Infinity : threshold(scaled, allowed, o);
    let best = -Infinity;
    for (let id = 0; id < vocabulary; id++) {
      if (allowed[id] === 0 || scaled[id] < floor) continue;
      const noise = greedy ? 0 : -Math.log(-Math.log(uniform(o.keys[row], id)));
      if (scaled[id] + noise > best) {
        best = scaled[id] + noise;
        tokens[row] = id;
      }
    }
    logps[row] = logOf(tokens[row]);
  }
  return { tokens, logps };
}

/** Tokens of a row whose logits change. */
function penalised({ repetition }: SampleOptions, row: number): Set<number> {
  return new Set(repetition && repetition.penalty !== 1 ? repetition.seen[row] : []);
}

/** The lowest scaled logit that top-k, then top-p, then min-p keep; ties with it are kept, as in transformers' warpers. */
function threshold(scaled: Float32Array, allowed: Uint8Array, o: SampleOptions): number {
  const noTopK = o.topK <= 0 || o.topK >= scaled.length;
  if (noTopK && o.topP >= 1 && !o.minP) return -Infinity;
  const sorted = scaled
    .filter((_, id) => allowed[id] === 1)
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
  return o.minP ? Math.max(floor, sorted[0] + Math.log(o.minP)) : floor;
}
