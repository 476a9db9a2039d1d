/**
 * Which tile a product gets, and which of its tiles are split over K: the choice that takes the busiest compute unit the least
 * time. From shapes alone, so that a product is summed in the same order whenever it is computed.
 */

/** Rows and columns of a workgroup's tile. */
export type Tile = readonly [64 | 128, 64 | 128];

export const TILES: readonly Tile[] = [
  [128, 128],
  [64, 128],
  [128, 64],
  [64, 64],
];

/** The first `whole` tiles are one workgroup each; the others are computed by `splits` workgroups each, that share K. */
export interface TileChoice {
  tile: Tile;
  whole: number;
  splits: number;
}

export interface TileSizes {
  M: number;
  N: number;
  K: number;
  batch?: number;
  /** Of the second pair of operands, which prolongs K. */
  rank?: number;
}

/** Numbers of K that a workgroup takes in at once: splits begin at multiples. */
export const STEP = 16;

/** K of a split is no shorter. */
const LEAST_SPLIT = 128;
const MOST_SPLITS = 64;

/** What a split must save at least: the rest is within what the estimate errs by. */
const WORTH = 0.95;

/**
 * Microseconds on an H200 (2026-11-28, in Chromium, f16 weights): a step of K of a 64 × 64 tile, more of it for larger ones,
 * alone on its compute unit or as one of two there; and summing up what was split. Other chips are slower by one factor, which
 * changes no choice, as far as their memory keeps pace with their arithmetic.
 */
const ALONE = { step: 0.68, area: 0.37 };
const SHARED = { step: 0.24, area: 0.44 };
const SUM_DISPATCH = 10;
const SUM_BYTE = 1 / 2.5e6;

export function tileCount([tileM, tileN]: Tile, { M, N, batch = 1 }: TileSizes): number {
  return Math.ceil(M / tileM) * Math.ceil(N / tileN) * batch;
}

/** The choice that does without split tiles: all of these give the same bits. */
export function unsplit(tile: Tile, sizes: TileSizes): TileChoice {
  return { tile, whole: tileCount(tile, sizes), splits: 1 };
}

/** K of each split, and how many there are: fewer than asked for where rounding made each longer. */
export function splitK(K: number, splits: number): { perSplit: number; splits: number } {
  const perSplit = Math.ceil(K / splits / STEP) * STEP;
  return { perSplit, splits: Math.ceil(K / perSplit) };
}

/**
 * @param units  compute units to fill
 * @param may  `tail`: a part of the tiles may be split; else all are or none
 */
export function chooseByRule(sizes: TileSizes, units: number, may = { tail: true }): TileChoice {
  const { K, batch = 1 } = sizes;
  let best = unsplit(TILES[0], sizes);
  let least = Infinity;
  for (const tile of TILES) {
    const choice = unsplit(tile, sizes);
    const time = estimate(choice, sizes, units);
    if (time < least) [best, least] = [choice, time];
  }
  // The sum over splits knows one matrix.
  if (batch > 1) return best;
  let bar = least * WORTH;
  const most = Math.min(MOST_SPLITS, Math.floor(K / LEAST_SPLIT));
  for (const tile of TILES) {
    const tiles = tileCount(tile, sizes);
    const whole = may.tail ? tiles - (tiles % units) : 0;
    for (let asked = 2; asked <= most; asked++) {
      const { splits } = splitK(K, asked);
      const choice = { tile, whole, splits };
      const time = whole < tiles ? estimate(choice, sizes, units) : Infinity;
      if (time < bar) [best, bar] = [choice, time];
    }
  }
  return best;
}

/**
 * Microseconds until the busiest compute unit is done, two workgroups at a time on each: the workgroups start in order, so
 * every unit gets one of each `units` of them.
 */
export function estimate({ tile, whole, splits }: TileChoice, sizes: TileSizes, units: number): number {
  const area = tile[0] * tile[1];
  const [alone, shared] = [ALONE, SHARED].map(cost => cost.step + (cost.area * area) / 64 ** 2);
  const steps = Math.ceil(sizes.K / STEP) + Math.ceil((sizes.rank ?? 0) / STEP);
  const cut = tileCount(tile, sizes) - whole;
  if (cut <= 0) {
    const turns = Math.ceil(whole / units);
    return steps * ((turns - (turns % 2)) * shared + (turns % 2) * alone);
  }
  const turns = Math.floor(whole / units);
  const pieces = Math.ceil((cut * splits) / units);
  const piece = splitK(sizes.K, splits).perSplit / STEP;
  const sum = SUM_DISPATCH + 2 * 4 * SUM_BYTE * cut * splits * area;
  if (turns % 2 === 0)
    return turns * steps * shared + piece * ((pieces - (pieces % 2)) * shared + (pieces % 2) * alone) + sum;
  // The last whole tile beside the pieces, until either is through.
  const beside = Math.min(pieces * piece, steps);
  const rest = Math.max(pieces * piece, steps) - beside;
  return (turns - 1) * steps * shared + 2 * beside * shared + rest * alone + sum;
}
