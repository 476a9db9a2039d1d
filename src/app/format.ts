/** Numbers as people read them, each with its unit. */

/** `1.4 s`, `3 min 20 s`, `2 h 5 min`; '' for what is not known. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

/** About how long: `1 min`, `40 s`, `2 h 5 min`. */
export function roughDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  return seconds < 60 ? `${Math.ceil(seconds / 5) * 5} s` : duration(Math.ceil(seconds / 60) * 60);
}

export function bytes(count: number): string {
  if (count < 1e6) return `${(count / 1e3).toFixed(count < 1e4 ? 1 : 0)} kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

/** A rate in [0, 1] as `42 %`. */
export function percent(rate: number): string {
  return Number.isFinite(rate) ? `${Math.round(rate * 100)} %` : '–';
}

/** Three significant digits, without an exponent where that stays short. */
export function number(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0 || Number.isInteger(value)) return value.toLocaleString('en').replace('-', '−');
  const size = Math.abs(value);
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replace(/^-/, '−');
}

/** A count with its noun: `1 step`, `3 steps`. */
export function count(value: number, noun: string): string {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;
}
