/** AdamW over plain arrays, for the wasm heap. m and v change in place; the new weights go to `out`. */
import type { AdamWOptions } from './op.ts';

export function adamWHeap(
  out: Float32Array,
  w: Float32Array,
  grad: Float32Array,
  m: Float32Array,
  v: Float32Array,
  o: AdamWOptions,
): void {
  const keep = 1 - o.learningRate * o.weightDecay;
  const size = o.learningRate / (1 - o.beta1 ** o.step);
  const correction = 1 / (1 - o.beta2 ** o.step);
  for (let i = 0; i < w.length; i++) {
    const g = grad[i] * o.gradScale;
    m[i] = o.beta1 * m[i] + (1 - o.beta1) * g;
    v[i] = o.beta2 * v[i] + (1 - o.beta2) * g * g;
    out[i] = w[i] * keep - (size * m[i]) / (Math.sqrt(v[i] * correction) + o.epsilon);
  }
}
