/**
 * The numbers that dispatches carry: tfjs gives those of each a buffer of its own and a queue.writeBuffer, which costs a small
 * step of training more than its arithmetic. Here they lie one after the other in a buffer that is written once a submit.
 */
import type { WebGpuInternals } from '../internals.ts';

/** What a bind group takes, or a copy. */
export interface Slice {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

/** Bytes of one of the arena's buffers: some 500 dispatches. */
const BYTES = 2 ** 17;

/** Numbers above this have a buffer of their own. */
const MOST = BYTES / 8;

export class NumbersArena {
  readonly #inner: WebGpuInternals;
  readonly #alignment: number;
  readonly #words = new Uint32Array(BYTES / 4);
  readonly #floats = new Float32Array(this.#words.buffer);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #buffer: GPUBuffer | null = null;
  #end = 0;

  /** @param alignment  that both a uniform's and a storage binding's offset must have. */
  constructor(inner: WebGpuInternals, alignment: number) {
    this.#inner = inner;
    this.#alignment = alignment;
  }

  /** Room for a copy of `numbers`, to be bound by dispatches, or copied, in the next submit alone. */
  place(numbers: Uint8Array | Uint32Array | Int32Array | Float32Array): Slice {
    // A binding of WGSL's structures ends on whole vectors.
    const size = Math.max(16, (numbers.byteLength + 15) & ~15);
    if (size > MOST) return this.#own(numbers, size);
    if (this.#end + size > BYTES) this.write();
    this.#buffer ??= this.#acquire(BYTES);
    const offset = this.#end;
    // Asking a short array for its buffer makes one, which takes longer than the copy.
    if (numbers instanceof Float32Array) this.#floats.set(numbers, offset / 4);
    else if (numbers instanceof Uint8Array) this.#bytes.set(numbers, offset);
    else this.#words.set(numbers, offset / 4);
    this.#end = Math.ceil((offset + size) / this.#alignment) * this.#alignment;
    return { buffer: this.#buffer, offset, size };
  }

  /** Sends what was placed. To be called before every submit. */
  write(): void {
    if (!this.#buffer) return;
    this.#inner.queue.writeBuffer(this.#buffer, 0, this.#bytes, 0, Math.min(this.#end, BYTES));
    this.#buffer = null;
    this.#end = 0;
  }

  #own(numbers: ArrayBufferView, size: number): Slice {
    const buffer = this.#acquire(size);
    this.#inner.queue.writeBuffer(buffer, 0, numbers as ArrayBufferView<ArrayBuffer>);
    return { buffer, offset: 0, size };
  }

  /** From tfjs's pool, and back to it with the next submit. */
  #acquire(size: number): GPUBuffer {
    const { UNIFORM, STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.#inner.bufferManager.acquireBuffer(size, UNIFORM | STORAGE | COPY_SRC | COPY_DST);
    this.#inner.uniformPendingDisposal.push(buffer);
    return buffer;
  }
}

/** Makes tfjs's own programs place their uniforms in `arena`, and every submit send them. */
export function placeUniforms(inner: WebGpuInternals, arena: NumbersArena): void {
  const { makeUniforms, submitQueue } = inner;
  inner.makeUniforms = uniforms => {
    // tfjs lays them out as its shaders read them; where they lie is ours to say.
    let laidOut = new ArrayBuffer(0);
    makeUniforms.call(
      {
        bufferManager: { acquireBuffer: () => null },
        queue: { writeBuffer: (_: unknown, __: number, bytes: ArrayBuffer) => void (laidOut = bytes) },
        uniformPendingDisposal: [],
      } as unknown as WebGpuInternals,
      uniforms,
    );
    return arena.place(new Uint8Array(laidOut));
  };
  inner.submitQueue = () => {
    arena.write();
    submitQueue.call(inner);
  };
}
