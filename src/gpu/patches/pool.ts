/**
 * Buffers of tensors, in tfjs's place. tfjs pools them by their exact size, so prompts of ever new lengths find nothing to reuse:
 * every step made and destroyed gigabytes, which a real GPU takes longer for than for the arithmetic. Here sizes are rounded up
 * to classes. And of the idle ones that serve a request, the one that was made first is taken: a pass that comes again then
 * gets the buffers that it had, and finds its bind groups (`bind-groups.ts`).
 */
import { numberOf } from './buffer-numbers.ts';

/** Buffers below this are as large as they were asked to be: there are few sizes of them, and uniforms are bound whole. */
const LEAST = 16_384;

/** Classes between a power of two and the next: at most an eighth of a buffer is unused. */
const CLASSES = 8;

/** `bytes` rounded up to its class; unchanged where the class is larger than `most`. */
export function sizeClass(bytes: number, most: number): number {
  if (bytes < LEAST) return bytes;
  const step = 2 ** Math.floor(Math.log2(bytes)) / CLASSES;
  const rounded = Math.ceil(bytes / step) * step;
  return rounded <= most ? rounded : bytes;
}

/** An idle buffer serves a request of at least half its size: memory that is made and freed costs more than memory unused. */
const LARGEST_FIT = 2;

/** Has what tfjs calls of its buffer manager. A buffer may be longer than its tensor. */
export class BufferPool {
  numBytesUsed = 0;
  /** In use or idle. */
  numBytesAllocated = 0;
  /** By usage, then size; in each list the one made first is last. */
  readonly #idle = new Map<GPUBufferUsageFlags, Map<number, GPUBuffer[]>>();
  readonly #used = new Set<GPUBuffer>();

  /**
   * @param most  bytes of the largest buffer that the adapter makes and binds
   * @param onUse  is told how many bytes are in use after every request
   */
  constructor(
    private readonly device: GPUDevice,
    private readonly most: number,
    private readonly onUse: (bytes: number) => void,
  ) {}

  /** @param reuse  false makes a new one */
  acquireBuffer(size: number, usage: GPUBufferUsageFlags, mappedAtCreation = false, reuse = true): GPUBuffer {
    const buffer = (reuse && this.#takeIdle(size, usage)) || this.#make(size, usage, mappedAtCreation);
    this.#used.add(buffer);
    this.numBytesUsed += buffer.size;
    this.onUse(this.numBytesUsed);
    return buffer;
  }

  /** @param reuse  false destroys it */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    // What a lost device left behind went with `dispose`.
    if (!this.#used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (reuse) this.#keep(buffer);
    else this.#destroy(buffer);
  }

  /** Destroys idle buffers, large ones first, until at most `keepBytes` are idle. No recorded command may need them. */
  trim(keepBytes: number): void {
    const lists = [...this.#idle.values()].flatMap(sizes => [...sizes.values()]);
    const ordered = lists.filter(list => list.length > 0).sort((a, b) => b[0].size - a[0].size);
    for (const list of ordered)
      while (list.length > 0 && this.numBytesAllocated - this.numBytesUsed > keepBytes)
        this.#destroy(list.shift()!);
  }

  dispose(): void {
    for (const buffer of this.#used) buffer.destroy();
    this.#used.clear();
    this.trim(-Infinity);
    this.numBytesUsed = 0;
    this.numBytesAllocated = 0;
  }

  #make(request: number, usage: GPUBufferUsageFlags, mappedAtCreation: boolean): GPUBuffer {
    const size = sizeClass(request, this.most);
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation });
    this.numBytesAllocated += size;
    // Its number says when it was made.
    numberOf(buffer);
    return buffer;
  }

  #takeIdle(request: number, usage: GPUBufferUsageFlags): GPUBuffer | undefined {
    const sizes = this.#idle.get(usage);
    if (!sizes) return undefined;
    if (request < LEAST) return sizes.get(request)?.pop();
    const last = Math.min(this.most, LARGEST_FIT * request);
    for (let fit = sizeClass(request, this.most); fit <= last; fit = sizeClass(fit + 4, Infinity)) {
      const buffer = sizes.get(fit)?.pop();
      if (buffer) return buffer;
    }
    return undefined;
  }

  #keep(buffer: GPUBuffer): void {
    let sizes = this.#idle.get(buffer.usage);
    if (!sizes) this.#idle.set(buffer.usage, (sizes = new Map()));
    const list = sizes.get(buffer.size);
    if (!list) return void sizes.set(buffer.size, [buffer]);
    const number = numberOf(buffer);
    let at = list.length;
    while (at > 0 && numberOf(list[at - 1]) < number) at--;
    list.splice(at, 0, buffer);
  }

  #destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
}
