/** The fallback without a GPU: tfjs-backend-wasm with the kernels it lacks and a fast path for transposed products. */
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { GpuError } from '../errors.ts';
import type { BackendInfo } from '../start.ts';
import { shareClones } from './identity.ts';
import { guardAllocations } from './memory-end.ts';
import { overrideWasmMatMul } from './matmul.ts';
import { registerUnsortedSegmentSum } from './unsorted-segment-sum.ts';

let patched = false;

/** @throws {GpuError} `no-wasm` when the module does not load or start. */
export async function startWasm(notice: string): Promise<BackendInfo> {
  if (!patched) {
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plainUrl,
      'tfjs-backend-wasm-simd.wasm': simdUrl,
      'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
    });
    registerUnsortedSegmentSum();
    overrideWasmMatMul();
    shareClones();
    patched = true;
  }
  const started = await tf.setBackend('wasm').catch((error: unknown) => {
    throw new GpuError('no-wasm', { message: `WebAssembly did not start: ${String(error)}`, cause: error });
  });
  if (!started) {
    throw new GpuError('no-wasm', {
      message:
        'WebAssembly did not start. The page must be served with its .wasm files, and a content security policy must allow wasm-unsafe-eval.',
    });
  }
  await tf.ready();
  guardAllocations();
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return {
    backend: 'wasm',
    name: `processor with ${navigator.hardwareConcurrency} threads, WebAssembly${simd ? ' SIMD' : ' without SIMD'}`,
    software: true,
    features: simd ? ['simd'] : [],
    limits: {},
    notice,
  };
}
