/** A frozen matrix in a packed format, held where tfjs does no arithmetic on it (it would corrupt integers above 2^24). */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type Binding, type GpuBackend } from '../backend.ts';
import { grid, params } from '../fused.ts';
import { tensorOf } from '../internals.ts';
import { normalArray } from '../random.ts';
import { packedBytes, rounded, scaleBytes, wordBytes, type WeightFormat } from './format.ts';
import { packWgsl, unpackWgsl, type PackSource } from './pack.wgsl.ts';
import { declareOperand, operandBindings } from './read.wgsl.ts';

/** 128 rows of scales, two bytes each, are a whole number of 256 bytes, whatever the columns; so are the words. */
export const ROW_ALIGNMENT = 128;

/** Floats uploaded at a time while packing: bounds the staging memory. */
const CHUNK = 4 * 2 ** 20;

/** On webgpu buffers of our own, or a tensor's; on wasm the rounded values, kept both ways round for XNNPACK. */
type Store =
  | { kind: 'gpu'; gpu: GpuBackend; words: GPUBuffer; scales: GPUBuffer | null }
  | { kind: 'tensor'; value: tf.Tensor2D; owned: boolean };

export class PackedWeight {
  #transposed?: tf.Tensor2D;

  private constructor(
    readonly rows: number,
    readonly columns: number,
    readonly format: WeightFormat,
    private readonly store: Store,
  ) {}

  /** [rows, columns]: [output, input] of a linear layer, [vocabulary, width] of a table. */
  get shape(): [number, number] {
    return [this.rows, this.columns];
  }

  /** Bytes on the GPU. */
  get bytes(): number {
    return packedBytes(this.rows, this.columns, this.format);
  }

  /**
   * Packs values, on the GPU where there is one.
   * @param values  [rows, columns]; magnitudes beyond float16's largest are clamped unless the format is f32.
   * @throws {GpuError} `limit-exceeded` when the adapter cannot bind the matrix.
   */
  static pack(values: Float32Array, rows: number, columns: number, format: WeightFormat): PackedWeight {
    if (values.length !== rows * columns)
      throw new RangeError(`${values.length} values are not a [${rows}, ${columns}] matrix.`);
    const gpu = gpuBackend();
    if (!gpu) return PackedWeight.#onHeap(rounded(values, columns, format), rows, columns, format);
    const packed = PackedWeight.#empty(gpu, rows, columns, format);
    // An even number of rows, so that no word of two scales is split between two dispatches.
    const step = Math.max(2, Math.floor(CHUNK / columns / 2) * 2);
    for (let first = 0; first < rows; first += step) {
      packed.#upload(values.subarray(first * columns, Math.min(rows, first + step) * columns), first);
    }
    return packed;
  }

  /**
   * `pack` of values that come in pieces, each of whole rows, an even number but in the last.
   * @throws {RangeError} when they are not rows · columns in all.
   */
  static async packPieces(
    pieces: AsyncIterable<Float32Array>,
    rows: number,
    columns: number,
    format: WeightFormat,
  ): Promise<PackedWeight> {
    const gpu = gpuBackend();
    const whole = gpu ? null : new Float32Array(rows * columns);
    const packed = gpu && PackedWeight.#empty(gpu, rows, columns, format);
    let first = 0;
    try {
      for await (const piece of pieces) {
        if (whole) whole.set(piece, first * columns);
        else packed!.#upload(piece, first);
        first += piece.length / columns;
      }
      if (first !== rows) throw new RangeError(`The pieces hold ${first} rows of ${rows}.`);
    } catch (error) {
      packed?.dispose();
      throw error;
    }
    return packed ?? PackedWeight.#onHeap(rounded(whole!, columns, format), rows, columns, format);
  }

  /**
   * Takes float16 bits as they lie in a file, without a detour over floats.
   * @param bits  [rows, columns]
   */
  static fromHalf(bits: Uint16Array, rows: number, columns: number): PackedWeight {
    const gpu = gpuBackend();
    if (!gpu || columns % 8 !== 0) return PackedWeight.pack(halves(bits), rows, columns, 'f16');
    const packed = PackedWeight.#empty(gpu, rows, columns, 'f16');
    gpu.device.queue.writeBuffer(
      packed.buffers()[0],
      0,
      bits.buffer as ArrayBuffer,
      bits.byteOffset,
      bits.byteLength,
    );
    return packed;
  }

  /** Normal numbers made on the GPU (benchmarks; no upload): uniform(key, …) of random.ts by Box and Muller's transform. */
  static noise(
    rows: number,
    columns: number,
    format: WeightFormat,
    key: number,
    deviation: number,
  ): PackedWeight {
    const gpu = gpuBackend();
    if (!gpu) return PackedWeight.pack(normalArray(key, rows * columns, 0, deviation), rows, columns, format);
    const packed = PackedWeight.#empty(gpu, rows, columns, format);
    packed.#record('noise', [], rows, 0, key, deviation);
    return packed;
  }

  /** A float32 tensor as a weight, sharing its memory; the tensor stays the caller's. */
  static ofTensor(value: tf.Tensor2D): PackedWeight {
    return new PackedWeight(value.shape[0], value.shape[1], 'f32', { kind: 'tensor', value, owned: false });
  }

  /** What kernels bind: the words, then the scales of integer formats. Only on webgpu. */
  buffers(): GPUBuffer[] {
    const { store } = this;
    if (store.kind === 'tensor') return [gpuBackend()!.buf(store.value)];
    return store.scales ? [store.words, store.scales] : [store.words];
  }

  /**
   * What kernels bind for the rows from `start` on as a matrix of their own.
   * @param start  a multiple of ROW_ALIGNMENT, so that every part begins where a binding may.
   */
  rowRange(start: number, count: number): Binding[] {
    const size = (bytesOf: typeof wordBytes): { offset: number; size: number } => ({
      offset: bytesOf(start, this.columns, this.format),
      size: bytesOf(count, this.columns, this.format),
    });
    return this.buffers().map((buffer, i) => ({ buffer, ...size(i === 0 ? wordBytes : scaleBytes) }));
  }

  /** The values as a tensor: for exports, tests and ops without a packed path. The caller disposes of it. */
  floats(firstRow = 0, rows = this.rows - firstRow): tf.Tensor2D {
    const { store, columns, format } = this;
    if (store.kind === 'tensor') return tf.slice(store.value, [firstRow, 0], [rows, columns]);
    const out = store.gpu.alloc([rows, columns]);
    const aligned = columns % 4 === 0;
    const reader = { name: 'w', format, columns: 'p.columns', aligned, unit: 4 as const };
    const { length } = operandBindings(reader);
    store.gpu.dispatch(
      `unpack-${format}-${aligned}`,
      () => unpackWgsl(declareOperand(reader, 0), length),
      [...this.buffers(), out],
      params(rows, columns, firstRow),
      grid(rows * Math.ceil(columns / 4)),
    );
    return tensorOf<tf.Rank.R2>(out) as tf.Tensor2D;
  }

  /** wasm: the rounded values. */
  heapValue(): tf.Tensor2D {
    if (this.store.kind !== 'tensor') throw new Error('A weight packed on webgpu cannot be used on wasm.');
    return this.store.value;
  }

  /** wasm: the transpose, made on first use and kept. */
  heapTransposed(): tf.Tensor2D {
    return (this.#transposed ??= tf.keep(tf.transpose(this.heapValue())));
  }

  dispose(): void {
    this.#transposed?.dispose();
    const { store } = this;
    if (store.kind === 'gpu') {
      // Recorded commands may still read them.
      store.gpu.flush();
      for (const buffer of this.buffers()) store.gpu.freeBuffer(buffer);
    } else if (store.owned) store.value.dispose();
  }

  static #empty(gpu: GpuBackend, rows: number, columns: number, format: WeightFormat): PackedWeight {
    const words = gpu.createBuffer(
      wordBytes(rows, columns, format),
      `${format} weight [${rows}, ${columns}]`,
    );
    const scales = scaleBytes(rows, columns, format);
    return new PackedWeight(rows, columns, format, {
      kind: 'gpu',
      gpu,
      words,
      scales: scales > 0 ? gpu.createBuffer(scales, `scales [${rows}, ${columns}]`) : null,
    });
  }

  static #onHeap(values: Float32Array, rows: number, columns: number, format: WeightFormat): PackedWeight {
    const value = tf.keep(tf.tensor2d(values, [rows, columns]));
    return new PackedWeight(rows, columns, format, { kind: 'tensor', value, owned: true });
  }

  #upload(values: Float32Array, firstRow: number): void {
    const source = tf.tensor1d(values);
    this.#record('floats', [source], values.length / this.columns, firstRow, 0, 0);
    source.dispose();
    // Lets the staging buffer be used again.
    gpuBackend()!.flush();
  }

  #record(
    from: PackSource,
    source: tf.Tensor[],
    rows: number,
    firstRow: number,
    key: number,
    deviation: number,
  ): void {
    const { columns, format } = this;
    const pairs = Math.ceil((rows * Math.ceil(columns / 32)) / 2);
    gpuBackend()!.dispatch(
      `pack-${format}-${from}`,
      () => packWgsl(format, from),
      [...source, ...this.buffers()],
      params(rows, columns, firstRow, key, { f32: deviation }),
      grid(pairs),
    );
  }
}

function halves(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, b => {
    const sign = b & 0x8000 ? -1 : 1;
    const exponent = (b >> 10) & 31;
    const fraction = b & 1023;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}
