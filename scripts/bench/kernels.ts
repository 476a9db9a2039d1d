/** The page behind `npm run bench -- kernels`. */
import { benchKernels, type KernelTiming } from '../../src/gpu/bench.ts';
import { startBackend, type BackendInfo } from '../../src/gpu/index.ts';

declare global {
  interface Window {
    benchKernelsOn?(backend: 'webgpu' | 'wasm'): Promise<{ info: BackendInfo; timings: KernelTiming[] }>;
  }
}

window.benchKernelsOn = async backend => ({
  info: await startBackend(backend),
  timings: await benchKernels(),
});
