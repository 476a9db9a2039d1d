/** One decode step of attention over plain arrays: what runs without a GPU. */

export interface DecodeShape {
  sequences: number;
  heads: number;
  kvHeads: number;
  capacity: number;
  headDim: number;
}

/** Writes k and v at `positions`, then fills `out` [S, H, dh]. */
export function decodeAttentionReference(
  shape: DecodeShape,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  cacheK: Float32Array,
  cacheV: Float32Array,
  positions: Int32Array,
  out: Float32Array,
): void {
  const { sequences, heads, kvHeads, capacity, headDim: d } = shape;
  const scale = 1 / Math.sqrt(d);
  const scores = new Float32Array(capacity);
  const acc = new Float32Array(d);
  for (let s = 0; s < sequences; s++) {
    const last = positions[s];
    for (let g = 0; g < kvHeads; g++) {
      const from = (s * kvHeads + g) * d;
      const to = ((s * kvHeads + g) * capacity + last) * d;
      cacheK.set(k.subarray(from, from + d), to);
      cacheV.set(v.subarray(from, from + d), to);
    }
    for (let h = 0; h < heads; h++) {
      const base = (s * kvHeads + Math.floor((h * kvHeads) / heads)) * capacity * d;
      const at = (s * heads + h) * d;
      let top = -Infinity;
      for (let j = 0; j <= last; j++) {
        const row = base + j * d;
        let dot = 0;
        for (let i = 0; i < d; i++) dot += q[at + i] * cacheK[row + i];
        scores[j] = dot * scale;
        if (scores[j] > top) top = scores[j];
      }
      let sum = 0;
      acc.fill(0);
      for (let j = 0; j <= last; j++) {
        const weight = Math.exp(scores[j] - top);
        const row = base + j * d;
        sum += weight;
        for (let i = 0; i < d; i++) acc[i] += weight * cacheV[row + i];
      }
      for (let i = 0; i < d; i++) out[at + i] = acc[i] / sum;
    }
  }
}
