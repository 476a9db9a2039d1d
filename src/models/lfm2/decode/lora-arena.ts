/** The LoRA matrices of a plan side by side in one buffer, layer by layer as its kernels bind them. */
import { gpuBackend, type Bound } from '../../../gpu/index.ts';
import type { LoraAdapter, LoraPair } from '../../lora/adapter.ts';

/** Offsets of bindings must be multiples of it on every adapter. */
const ALIGNMENT = 256;

/** Branches of matrices that one kernel computes: `down` [Σ ranks, K], `up` [output, rank] of each, one after the other. */
export interface Branches {
  ranks: number[];
  scalings: number[];
  down: Bound;
  up: Bound;
}

interface Copy {
  pair: LoraPair;
  which: 'a' | 'b';
  offset: number;
}

export class LoraArena {
  #buffer: GPUBuffer | null = null;
  readonly #copies: Copy[] = [];
  readonly #layouts = new Map<string, { ranks: number[]; scalings: number[]; down: Span; up: Span }>();

  constructor(
    readonly adapter: LoraAdapter | null,
    kernels: readonly (readonly string[])[],
  ) {
    let size = 0;
    const place = (items: [LoraPair, 'a' | 'b'][]): Span => {
      size = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
      const offset = size;
      for (const [pair, which] of items) {
        this.#copies.push({ pair, which, offset: size });
        size += pair[which].size * 4;
      }
      return { offset, size: size - offset };
    };
    for (const paths of kernels) {
      const pairs = paths.map(path => adapter?.get(path));
      const there = pairs.filter(pair => pair !== undefined);
      if (there.length === 0) continue;
      this.#layouts.set(paths.join(), {
        ranks: pairs.map(pair => pair?.a.shape[0] ?? 0),
        scalings: pairs.map(pair => pair?.scaling ?? 0),
        down: place(there.map(pair => [pair, 'a'])),
        up: place(there.map(pair => [pair, 'b'])),
      });
    }
    if (size > 0) this.#buffer = gpuBackend()!.createBuffer(size, 'LoRA matrices of the decode plan');
  }

  /** Ranks of the branches of one kernel together, at most. */
  get widest(): number {
    return Math.max(0, ...[...this.#layouts.values()].map(({ ranks }) => totalRank(ranks)));
  }

  of(paths: readonly string[]): Branches | null {
    const layout = this.#layouts.get(paths.join());
    const buffer = this.#buffer;
    if (!layout || !buffer) return null;
    return { ...layout, down: { buffer, ...layout.down }, up: { buffer, ...layout.up } };
  }

  /** Copies the matrices as they are now: they change with every optimizer step. */
  refresh(): void {
    const gpu = gpuBackend()!;
    if (!this.#buffer) return;
    const sources = this.#copies.map(({ pair, which }) => gpu.buf(pair[which]));
    gpu.flush();
    const encoder = gpu.device.createCommandEncoder();
    this.#copies.forEach(({ pair, which, offset }, i) =>
      encoder.copyBufferToBuffer(sources[i], 0, this.#buffer!, offset, pair[which].size * 4),
    );
    gpu.device.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    if (this.#buffer) gpuBackend()?.freeBuffer(this.#buffer);
    this.#buffer = null;
  }
}

interface Span {
  offset: number;
  size: number;
}

/** Rows of `down`. */
export function totalRank(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank) => sum + rank, 0);
}
