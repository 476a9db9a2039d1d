/** Means and spreads over the numbers that exist: NaN marks a missing value and takes part in nothing. */

/** Mean of the values that are not NaN; NaN when there are none (torch.nanmean). */
export function mean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}

/** Standard deviation with n - 1 of the values that are not NaN; 0 when fewer than two exist. */
export function sampleStd(values: Iterable<number>): number {
  const present = [...values].filter(value => !Number.isNaN(value));
  if (present.length < 2) return 0;
  const center = mean(present);
  return Math.sqrt(present.reduce((sum, value) => sum + (value - center) ** 2, 0) / (present.length - 1));
}

/** Smallest of the values that are not NaN; NaN when there are none. */
export function minimum(values: Iterable<number>): number {
  return fold(values, Math.min);
}

/** Largest of the values that are not NaN; NaN when there are none. */
export function maximum(values: Iterable<number>): number {
  return fold(values, Math.max);
}

function fold(values: Iterable<number>, choose: (a: number, b: number) => number): number {
  let chosen = NaN;
  for (const value of values) {
    if (!Number.isNaN(value)) chosen = Number.isNaN(chosen) ? value : choose(chosen, value);
  }
  return chosen;
}

/** The normal quantile of a two-sided 95% interval. */
const Z = 1.959963984540054;

/**
 * Wilson's 95% interval of a proportion, [low, high] within [0, 1]. Unlike ± 1.96 standard errors it does not shrink to a
 * point at 0 of n and n of n.
 *
 * @returns [0, 1] when n is 0: nothing is known.
 */
export function wilsonInterval(successes: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const rate = successes / n;
  const scale = 1 + Z ** 2 / n;
  const center = (rate + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((rate * (1 - rate)) / n + Z ** 2 / (4 * n ** 2));
  // Exactly 0 and 1 at the ends, where the two terms cancel but for rounding.
  return [successes === 0 ? 0 : center - half, successes === n ? 1 : center + half];
}
