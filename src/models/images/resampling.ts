/** Weights of antialiased resampling along one axis: PIL's and PyTorch's filters with half-pixel centres. */

export type Filter = 'bilinear' | 'bicubic';

/** For each output index the input taps [start, start + weights.length) and their weights, which sum to 1. */
export interface Taps {
  start: number;
  weights: Float64Array;
}

const SUPPORT: Readonly<Record<Filter, number>> = { bilinear: 1, bicubic: 2 };

function bilinear(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Keys' cubic with a = -0.5, which PIL and PyTorch's antialiased bicubic use. */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

/**
 * Taps of every output sample. The filter widens when the axis shrinks (antialiasing) and has its plain width otherwise.
 * @see Pillow src/libImaging/Resample.c, precompute_coeffs
 */
export function resamplingTaps(input: number, output: number, filter: Filter): Taps[] {
  const scale = input / output;
  const filterScale = Math.max(scale, 1);
  const support = SUPPORT[filter] * filterScale;
  const kernel = filter === 'bilinear' ? bilinear : bicubic;
  return Array.from({ length: output }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(input, Math.trunc(centre + support + 0.5));
    const weights = new Float64Array(end - start);
    for (let tap = 0; tap < weights.length; tap++)
      weights[tap] = kernel((tap + start - centre + 0.5) / filterScale);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let tap = 0; tap < weights.length; tap++) weights[tap] /= sum;
    return { start, weights };
  });
}
