/** Raw calls into tfjs's wasm module on parts of its heap: XNNPACK's product and softmax without a tensor for every operand. */
import type { WasmBackend } from '../internals.ts';
import { GpuError } from '../errors.ts';

/** The module's own functions, by their exported names in tfjs-backend-wasm 4.22.0. */
interface Exports {
  HEAPF32: Float32Array;
  HEAP32: Int32Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
  _register_tensor(id: number, size: number, at: number): void;
  _dispose_data(id: number): void;
  _BatchMatMul(...args: number[]): void;
  _Softmax(xId: number, outId: number, columns: number, rows: number): void;
}

const NAMES = [
  '_malloc',
  '_free',
  '_register_tensor',
  '_dispose_data',
  '_BatchMatMul',
  '_Softmax',
  'HEAPF32',
];

/** Tensor ids that the backend's own counter never reaches. */
const [A, B, OUT] = [0x7ffffff0, 0x7ffffff1, 0x7ffffff2];

/** Addresses are in bytes, as malloc gives them. */
export class HeapMath {
  readonly #exports: Exports;
  readonly #shapes: number;
  readonly #owned: number[] = [];

  /** @throws {GpuError} `no-wasm` when the module is not the one this was written for. */
  constructor(backend: WasmBackend) {
    const exports = backend.wasm as unknown as Exports;
    const missing = NAMES.filter(name => !(name in exports));
    if (missing.length > 0) {
      throw new GpuError('no-wasm', {
        message: `tfjs-backend-wasm has changed inside: no ${missing.join(', ')}. This project needs exactly 4.22.0; run npm ci.`,
      });
    }
    this.#exports = exports;
    this.#shapes = this.alloc(6);
  }

  /** Room for `count` floats, freed by `free`. */
  alloc(count: number): number {
    const at = this.#exports._malloc(count * 4) >>> 0;
    this.#owned.push(at);
    return at;
  }

  /** A view of `count` floats; any later call may move the heap and end it. */
  view(at: number, count: number): Float32Array {
    return new Float32Array(this.#exports.HEAPF32.buffer, at, count);
  }

  /** out [M, N] = a [M, K] · b [K, N], all row by row. */
  product(a: number, b: number, out: number, M: number, K: number, N: number): void {
    const x = this.#exports;
    x.HEAP32.set([1, M, K, 1, K, N], this.#shapes / 4);
    x._register_tensor(A, M * K, a);
    // XNNPACK keeps a packed copy of b under its id; disposing the id drops it.
    x._register_tensor(B, K * N, b);
    x._register_tensor(OUT, M * N, out);
    x._BatchMatMul(A, this.#shapes, 3, B, this.#shapes + 12, 3, 0, 0, OUT);
    for (const id of [A, B, OUT]) x._dispose_data(id);
  }

  /** Softmax of every row, in place. */
  softmax(at: number, rows: number, columns: number): void {
    const x = this.#exports;
    x._register_tensor(A, rows * columns, at);
    x._Softmax(A, A, columns, rows);
    x._dispose_data(A);
  }

  /** Frees all that `alloc` gave. */
  free(): void {
    for (const at of this.#owned.splice(0)) this.#exports._free(at);
  }
}
