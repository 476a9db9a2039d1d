/** How many compute units an adapter has, which WebGPU does not tell: an estimate from what it says of itself. */

/** Tried in order on "vendor architecture description", in lower case. */
const UNITS: readonly [pattern: RegExp, units: number][] = [
  [/h100|h200|gh200|hopper/, 132],
  [/a100/, 108],
  [/b200|gb200/, 148],
  [/rtx 50|blackwell/, 84],
  [/rtx 40|rtx 6000 ada|l40|lovelace/, 66],
  [/rtx 30|a10\b|a40\b|ampere/, 56],
  [/turing|rtx 20|t4\b/, 40],
  // A browser that hides the description, or a chip newer than its list.
  [/nvidia/, 66],
  [/cdna/, 110],
  [/rdna/, 40],
  [/amd/, 32],
  [/apple/, 20],
  [/intel.*xe-2/, 20],
  [/intel/, 12],
  [/qualcomm|arm\b|img-tec/, 8],
];

const UNKNOWN = 32;

/**
 * Streaming multiprocessors, cores or what the vendor calls them. A wrong guess costs speed, not correctness; the same adapter
 * gets the same number, and so the same sums, on every day.
 */
export function computeUnits({
  vendor,
  architecture,
  description,
}: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description'>): number {
  const name = `${vendor} ${architecture} ${description}`.toLowerCase();
  return UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN;
}
