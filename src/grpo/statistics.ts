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
