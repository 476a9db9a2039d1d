/** What other rooms may use of the GPU layer. */
export { BANNED, type Ban } from './banned.ts';
export { gpuBackend, GpuBackend } from './backend.ts';
export { NANO, type BenchSizes } from './bench/cases.ts';
export { benchKernels, type KernelTiming } from './bench/run.ts';
export { checkpoint } from './checkpoint.ts';
export { GpuError, type GpuErrorCode } from './errors.ts';
export { grantsMemory } from './grants-memory.ts';
export * from './ops/index.ts';
export * from './packed/index.ts';
export { PassClock } from './pass-clock.ts';
export * from './plan/index.ts';
export { hashKey, normalArray, pcg, uniform, uniformArray } from './random.ts';
export { checkGpu, gpuMemory, readTensor, settlePool, trimPool } from './read.ts';
export { startBackend, type BackendInfo } from './start.ts';
