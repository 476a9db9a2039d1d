/** Sliders by keys: what oracles of pages with a slider share. */
import { quote, type OraclePage } from './oracle.ts';

/** The key that is first on a shortest way from `shown` to `wanted`; null when that is where the slider stands. */
export function slideTo(
  page: OraclePage,
  track: Element,
  wanted: number,
  shown: number,
  [min, max]: [number, number],
): string | null {
  if (shown === wanted) return null;
  const handle = track.querySelector('.slider-handle')!;
  const leap = Math.max(1, Math.round((max - min) / 5));
  const keys: Record<string, (value: number) => number> = {
    ArrowRight: value => value + 1,
    ArrowLeft: value => value - 1,
    PageUp: value => value + leap,
    PageDown: value => value - leap,
    Home: () => min,
    End: () => max,
  };
  const first = new Map<number, string>([[shown, '']]);
  const queue = [shown];
  for (let at = queue.shift(); at !== undefined && !first.has(wanted); at = queue.shift()) {
    for (const [key, move] of Object.entries(keys)) {
      const next = Math.min(max, Math.max(min, move(at)));
      if (first.has(next)) continue;
      first.set(next, first.get(at) || key);
      queue.push(next);
    }
  }
  return `press(${quote(page.bid(handle))}, ${quote(first.get(wanted)!)})`;
}
