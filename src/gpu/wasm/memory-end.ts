/**
 * The end of WebAssembly's memory as an error that can be read. tfjs takes malloc's 0 for an address: what did not fit would
 * be written over the module's own data, and the next small allocation ends the module with "Aborted()".
 */
import * as tf from '@tensorflow/tfjs-core';
import { GpuError } from '../errors.ts';
import type { WasmBackend } from '../internals.ts';

interface Allocator {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Modules whose allocator refuses already: a backend is started again where tests change between two. */
const guarded = new WeakSet<Allocator>();

/** Has every allocation of the wasm backend that does not fit throw a GpuError `out-of-memory`; what is allocated stays usable. */
export function guardAllocations(): void {
  const module = (tf.backend() as unknown as WasmBackend).wasm as unknown as Allocator;
  if (guarded.has(module)) return;
  guarded.add(module);
  // Emscripten's stub puts the real function in its place at the first call, and would put it in ours.
  module._free(module._malloc(1));
  const malloc = module._malloc.bind(module);
  module._malloc = bytes => {
    const address = malloc(bytes);
    if (address === 0 && bytes > 0)
      throw new GpuError('out-of-memory', {
        message: `WebAssembly's memory ended: it holds 4 GB at most, and ${(bytes / 1e6).toFixed(0)} MB more were needed. Choose a smaller model, fewer frames or a smaller activation_memory_mb, or train on a GPU (webgpu).`,
      });
    return address;
  };
}
