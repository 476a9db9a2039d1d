/** Which tiles a GPU's products get: the rule's, or of the unsplit ones what was measured there; and what comes up often. */
import type { GpuBackend } from '../../backend.ts';
import type { WeightFormat } from '../../packed/index.ts';
import { computeUnits } from './compute-units.ts';
import type { Product } from './operands.ts';
import { chooseByRule, TILES, unsplit, type Tile, type TileChoice } from './tile-rule.ts';

interface ClassOperand {
  format: WeightFormat;
  along: boolean;
}

/** Products that one measurement speaks for: like but for a few rows. */
export interface ProductClass {
  /** Rounded up. */
  M: number;
  N: number;
  K: number;
  a: ClassOperand;
  b: ClassOperand;
  second?: { rank: number; along: boolean };
}

export interface TileUse {
  product: ProductClass;
  count: number;
}

/** Sizes that are remembered; packed rows make many. */
const REMEMBERED = 4096;

/** Rows rounded up to four steps an octave: what a measurement of one says of another. */
export function roundRows(rows: number): number {
  const step = Math.max(64, 2 ** (Math.ceil(Math.log2(rows)) - 3));
  return Math.ceil(rows / step) * step;
}

const operandName = (o: ClassOperand): string => `${o.format}${o.along ? 'T' : ''}`;

/** Such as `1536x4608x1024 f32 f16 +8`. */
export function className({ M, N, K, a, b, second }: ProductClass): string {
  return `${M}x${N}x${K} ${operandName(a)} ${operandName(b)}${second ? ` +${second.rank}${second.along ? 'T' : ''}` : ''}`;
}

const CHOICES = [...TILES, 'rule'] as const;
const textOf = (tile: Tile | 'rule'): string => (tile === 'rule' ? tile : tile.join('x'));

const CLASS_NAME = /^\d+x\d+x\d+ \w+ \w+( \+\d+T?)?$/;

export class TileChoices {
  /** What was measured as fastest, by class; `rule` where nothing was faster than what the rule says of the exact sizes. */
  readonly tuned = new Map<string, Tile | 'rule'>();
  /** Products of which any tile may be taken, by class. */
  readonly uses = new Map<string, TileUse>();
  /** Milliseconds that measuring has taken. */
  spentMs = 0;
  readonly #units: number;
  readonly #known = new Map<string, { choice: TileChoice; use: TileUse | null }>();

  constructor(gpu: GpuBackend) {
    this.#units = computeUnits(gpu.gpu.adapterInfo);
  }

  /** Counts as a use. @param tail  whether the adapter can bind what a split of some tiles takes */
  choose(o: Product, tail: boolean): TileChoice {
    const { a, b, second } = o;
    const key = `${o.M} ${o.N} ${o.K} ${o.batch ?? 1} ${tail} ${a.format} ${a.along} ${b.format} ${b.along} ${second?.rank} ${second?.along}`;
    let known = this.#known.get(key);
    if (!known) {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(key, (known = this.#find(o, tail)));
    }
    if (known.use) known.use.count++;
    return known.choice;
  }

  /** The rule's, whatever was measured. */
  byRule(product: ProductClass): TileChoice {
    return chooseByRule({ ...product, rank: product.second?.rank }, this.#units);
  }

  get units(): number {
    return this.#units;
  }

  setTuned(name: string, tile: Tile | 'rule'): void {
    this.tuned.set(name, tile);
    this.#known.clear();
  }

  /** `tuned` as text. */
  save(): string {
    return JSON.stringify(Object.fromEntries([...this.tuned].map(([name, tile]) => [name, textOf(tile)])));
  }

  /** Takes what `save` gave. @returns false, and takes nothing, where it is anything else */
  load(text: string): boolean {
    let entries: [string, unknown][];
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
      entries = Object.entries(parsed);
    } catch {
      return false;
    }
    const tiles = entries.map(([, value]) => CHOICES.find(tile => textOf(tile) === value));
    if (tiles.includes(undefined) || !entries.every(([name]) => CLASS_NAME.test(name))) return false;
    entries.forEach(([name], i) => this.setTuned(name, tiles[i]!));
    return true;
  }

  #find(o: Product, tail: boolean): { choice: TileChoice; use: TileUse | null } {
    const { M, N, K, batch = 1, a, b, second } = o;
    const sizes = { M, N, K, batch, rank: second?.rank };
    const choice = chooseByRule(sizes, this.#units, { tail });
    // What is split, and so in which order it is summed, is the rule's alone: a time must not change a result.
    if (choice.splits > 1 || batch > 1) return { choice, use: null };
    const product: ProductClass = {
      M: roundRows(M),
      N,
      K,
      a: { format: a.format ?? 'f32', along: a.along },
      b: { format: b.format ?? 'f32', along: b.along },
      second: second && { rank: second.rank, along: second.along },
    };
    const name = className(product);
    let use = this.uses.get(name);
    if (!use) this.uses.set(name, (use = { product, count: 0 }));
    const tile = this.tuned.get(name);
    return { choice: tile && tile !== 'rule' ? unsplit(tile, sizes) : choice, use };
  }
}

const choices = new WeakMap<GpuBackend, TileChoices>();

export function tileChoices(gpu: GpuBackend): TileChoices {
  let own = choices.get(gpu);
  if (!own) choices.set(gpu, (own = new TileChoices(gpu)));
  return own;
}
