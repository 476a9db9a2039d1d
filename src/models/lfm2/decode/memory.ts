/** What the sequences of a decode plan remember on the GPU: slots, pages of keys and values, rings of conv inputs. */
import { PAGE, SLOT_WORDS, type GpuBackend } from '../../../gpu/index.ts';
import type { Lfm2Config } from '../config.ts';
import { PagePool } from './pages.ts';

export interface SlotSizes {
  slots: number;
  /** Pages that a slot's table has room for. */
  tableWidth: number;
  /** New tokens that a slot has room for. */
  outWidth: number;
}

export class SequenceMemory implements SlotSizes {
  pool = new PagePool();
  slots = 0;
  tableWidth = 0;
  outWidth = 0;
  state!: GPUBuffer;
  out!: GPUBuffer;
  seen!: GPUBuffer;
  /** [slots, D], the residual stream. */
  x!: GPUBuffer;
  /** By layer; conv layers with more than one tap have a ring, [slots, taps, D]. */
  readonly rings: (GPUBuffer | undefined)[] = [];
  /** By layer; [pages, keyValueHeads, PAGE, headSize] each. */
  pages: { keys: GPUBuffer; values: GPUBuffer }[] = [];

  constructor(
    private readonly gpu: GpuBackend,
    private readonly config: Lfm2Config,
  ) {}

  /** Words of `state`. */
  get stateWords(): number {
    return this.slots * (1 + SLOT_WORDS + this.tableWidth);
  }

  /** Bytes of a page over all layers. */
  get pageBytes(): number {
    const { keyValueHeads, headSize, layers } = this.config;
    return layers.filter(kind => kind !== 'conv').length * 2 * keyValueHeads * PAGE * headSize * 4;
  }

  /** Pages that `bytes` hold, as far as the adapter can bind a layer's. */
  mostPages(bytes: number): number {
    const { keyValueHeads, headSize } = this.config;
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.gpu.limits;
    const bound =
      Math.min(maxBufferSize, maxStorageBufferBindingSize) / (keyValueHeads * PAGE * headSize * 4);
    return Math.max(1, Math.floor(Math.min(bytes / Math.max(1, this.pageBytes), bound)));
  }

  /** Whether `wanted` is more than the slots have room for: they move when it is made. */
  lacks({ slots, tableWidth, outWidth }: SlotSizes): boolean {
    return slots > this.slots || tableWidth > this.tableWidth || outWidth > this.outWidth;
  }

  /**
   * Makes room, keeping what the slots hold. Sizes double, so that growing costs little over a run.
   * @param mostPages  where the doubling of pages ends
   * @returns whether buffers were replaced
   */
  grow(wanted: SlotSizes, pages: number, mostPages: number): boolean {
    const larger = (size: keyof SlotSizes): number =>
      wanted[size] <= this[size] ? this[size] : 2 ** Math.ceil(Math.log2(wanted[size]));
    let replaced = false;
    if (this.lacks(wanted)) {
      this.#growSlots(larger('slots'), larger('tableWidth'), larger('outWidth'));
      replaced = true;
    }
    if (pages > this.pool.size) {
      // Pages that hold nothing need no copy, and what is made for one call alone is as large as it asks.
      if (this.pool.free === this.pool.size) this.dropPages();
      this.#growPages(Math.max(pages, Math.min(mostPages, 2 * this.pool.size)));
      replaced = true;
    }
    return replaced;
  }

  /** Frees the pages: no sequence may be using any. */
  dropPages(): void {
    if (this.pool.size === 0) return;
    this.gpu.flush();
    for (const { keys, values } of this.pages.filter(Boolean))
      for (const buffer of [keys, values]) this.gpu.freeBuffer(buffer);
    this.pages = [];
    this.pool = new PagePool();
  }

  dispose(): void {
    this.dropPages();
    for (const buffer of [this.state, this.out, this.seen, this.x, ...this.rings])
      if (buffer) this.gpu.freeBuffer(buffer);
  }

  /** `state` is written anew by its owner; conv rings must survive. What is drawn so far does, when its width stays. */
  #growSlots(slots: number, tableWidth: number, outWidth: number): void {
    const { vocabularySize, hiddenSize, layers, kernelSize } = this.config;
    const fresh = (old: GPUBuffer | undefined, bytes: number, label: string, copied = true): GPUBuffer =>
      this.#replace(copied ? old : undefined, bytes, label, copied ? undefined : old);
    const state = slots * (1 + SLOT_WORDS + tableWidth) * 4;
    this.state = fresh(this.state, state, 'slots', false);
    this.out = fresh(this.out, slots * outWidth * 8, 'drawn tokens', outWidth === this.outWidth);
    this.seen = fresh(this.seen, slots * Math.ceil(vocabularySize / 32) * 4, 'seen tokens');
    this.x = fresh(this.x, slots * hiddenSize * 4, 'residual stream');
    layers.forEach((kind, layer) => {
      if (kind === 'conv' && kernelSize > 1)
        this.rings[layer] = fresh(this.rings[layer], slots * kernelSize * hiddenSize * 4, 'conv inputs');
    });
    this.slots = slots;
    this.tableWidth = tableWidth;
    this.outWidth = outWidth;
  }

  #growPages(count: number): void {
    const { layers, keyValueHeads, headSize } = this.config;
    const bytes = count * keyValueHeads * PAGE * headSize * 4;
    layers.forEach((kind, layer) => {
      if (kind === 'conv') return;
      const old = this.pages[layer];
      this.pages[layer] = {
        keys: this.#replace(old?.keys, bytes, 'pages of keys'),
        values: this.#replace(old?.values, bytes, 'pages of values'),
      };
    });
    this.pool.grow(count);
  }

  /** A larger buffer that begins with what `old` holds. */
  #replace(old: GPUBuffer | undefined, bytes: number, label: string, dropped?: GPUBuffer): GPUBuffer {
    const buffer = this.gpu.createBuffer(bytes, `decode plan: ${label}`);
    if (old) {
      this.gpu.flush();
      const encoder = this.gpu.device.createCommandEncoder();
      encoder.copyBufferToBuffer(old, 0, buffer, 0, Math.min(old.size, buffer.size));
      this.gpu.device.queue.submit([encoder.finish()]);
      this.gpu.freeBuffer(old);
    }
    if (dropped) this.gpu.freeBuffer(dropped);
    return buffer;
  }
}
