/** How long the GPU itself worked, by its own clock: what is left of the wall time was spent on telling it what to do. */
import { checkGpu, gpuBackend } from '../../../src/gpu/index.ts';

/** The most that a set of queries may have: two for each pass. */
const QUERIES = 4096;

interface Watch {
  set: GPUQuerySet;
  used: number;
  /** Passes beyond what the set has room for. */
  missed: number;
}

let watch: Watch | null = null;

/** Must run before the first device is opened. */
export function installGpuClock(): void {
  const encoder = GPUCommandEncoder.prototype;
  const begin = encoder.beginComputePass;
  encoder.beginComputePass = function (descriptor) {
    if (!watch) return begin.call(this, descriptor);
    if (watch.used + 2 > QUERIES) {
      watch.missed++;
      return begin.call(this, descriptor);
    }
    const [first, last] = [watch.used, watch.used + 1];
    watch.used += 2;
    const timestampWrites = {
      querySet: watch.set,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: last,
    };
    return begin.call(this, { ...descriptor, timestampWrites });
  };
}

/**
 * Seconds that compute passes of `work` took on the GPU; null where the adapter has no clock, or there were more passes than
 * can be watched. Chromium rounds each to a tenth of a millisecond unless started with --enable-webgpu-developer-features.
 */
export async function gpuSeconds(work: () => unknown): Promise<number | null> {
  const { device, gpu } = gpuBackend()!;
  if (!gpu.features.includes('timestamp-query')) return null;
  await checkGpu();
  const set = device.createQuerySet({ type: 'timestamp', count: QUERIES });
  const seen: Watch = { set, used: 0, missed: 0 };
  watch = seen;
  try {
    await work();
    await checkGpu();
  } finally {
    watch = null;
  }
  const { used, missed } = seen;
  if (used === 0 || missed > 0) {
    set.destroy();
    return null;
  }
  const size = used * 8;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const read = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(set, 0, used, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const times = new BigInt64Array(read.getMappedRange().slice(0));
  set.destroy();
  resolved.destroy();
  read.destroy();
  let nanoseconds = 0n;
  for (let i = 0; i < times.length; i += 2) nanoseconds += times[i + 1] - times[i];
  return Number(nanoseconds) / 1e9;
}
