/** What a group of the large kernel bench reports, and how a row is printed: rates beside what the device can do at best. */
import type { Ceilings } from '../engine/ceilings.ts';

export interface LargeRow {
  name: string;
  ms: number;
  /** Arithmetic and memory traffic a second, as far as they say something about this kernel. */
  tflops?: number;
  gbs?: number;
}

export interface LargeReport {
  ceilings: Ceilings;
  rows: LargeRow[];
}

export type Add = (
  name: string,
  repeat: number,
  work: () => void,
  cost?: { flops?: number; bytes?: number },
) => Promise<void>;

/** Of a training batch. */
export const TOKENS = 8 * 486;

export function line({ name, ms, tflops, gbs }: LargeRow, { matmulTflops, copyGBs }: Ceilings): string {
  const share = (rate: number, of: number, what: string): string =>
    `(${((100 * rate) / of).toFixed(0)}% of ${what})`;
  const rates = [
    tflops && `${tflops.toFixed(1)} TFLOP/s ${share(tflops, matmulTflops, 'f32 matmul')}`,
    gbs && `${gbs.toFixed(0)} GB/s ${share(gbs, copyGBs, 'copy')}`,
  ].filter(Boolean);
  return `${name.padEnd(58)} ${ms.toFixed(3).padStart(9)} ms  ${rates.join(', ')}`;
}
