/** How long the GPU itself worked, by its own clock: what is left of the wall time was spent on telling it what to do. */
import { checkGpu, gpuBackend } from '../../../src/gpu/index.ts';

/** The most that a set of queries may have: two for each pass. */
const QUERIES = 4096;

export interface KernelTime {
  /** Label of the pipeline. */
  kernel: string;
  dispatches: number;
  seconds: number;
}

interface Watch {
  sets: GPUQuerySet[];
  /** Of each pass that was watched, the kernel that ran in it; empty where passes are whole. */
  passes: string[];
  /** Every dispatch gets a pass of its own. */
  split: boolean;
}

let watch: Watch | null = null;

/** Must run before the first device is opened. */
export function installGpuClock(): void {
  const encoder = GPUCommandEncoder.prototype;
  const begin = encoder.beginComputePass;
  encoder.beginComputePass = function (descriptor) {
    if (!watch) return begin.call(this, descriptor);
    const seen = watch;
    const open = (kernel: string): GPUComputePassEncoder =>
      begin.call(this, { ...descriptor, timestampWrites: nextQueries(seen, kernel) });
    return watch.split ? new SplitPass(open).asEncoder() : open('');
  };
}

function nextQueries(seen: Watch, kernel: string): GPUComputePassTimestampWrites {
  const first = (2 * seen.passes.length) % QUERIES;
  if (first === 0) {
    const { device } = gpuBackend()!;
    seen.sets.push(device.createQuerySet({ type: 'timestamp', count: QUERIES }));
  }
  seen.passes.push(kernel);
  return {
    querySet: seen.sets.at(-1)!,
    beginningOfPassWriteIndex: first,
    endOfPassWriteIndex: first + 1,
  };
}

/** Stands for one pass and opens a real one for each dispatch: WebGPU's clock tells the time between passes alone. */
class SplitPass {
  #pipeline: GPUComputePipeline | null = null;
  readonly #groups = new Map<number, GPUBindGroup | null>();

  constructor(private readonly open: (kernel: string) => GPUComputePassEncoder) {}

  /** Has what our code and tfjs call of an encoder. */
  asEncoder(): GPUComputePassEncoder {
    return this as unknown as GPUComputePassEncoder;
  }

  setPipeline(pipeline: GPUComputePipeline): void {
    this.#pipeline = pipeline;
  }

  setBindGroup(index: number, group: GPUBindGroup | null): void {
    this.#groups.set(index, group);
  }

  dispatchWorkgroups(...size: [number, number?, number?]): void {
    const pass = this.open(this.#pipeline!.label);
    pass.setPipeline(this.#pipeline!);
    for (const [index, group] of this.#groups) pass.setBindGroup(index, group);
    pass.dispatchWorkgroups(...size);
    pass.end();
  }

  end(): void {
    this.#groups.clear();
  }
}

/**
 * Seconds that compute passes of `work` took on the GPU; null where the adapter has no clock. Chromium rounds each to a tenth
 * of a millisecond unless started with --enable-webgpu-developer-features.
 */
export async function gpuSeconds(work: () => unknown): Promise<number | null> {
  const times = await watched(work, false);
  return times && times.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The same of each kernel, the longest first. A pass for each dispatch costs some microseconds that are counted too. */
export async function gpuProfile(work: () => unknown): Promise<KernelTime[] | null> {
  const times = await watched(work, true);
  if (!times) return null;
  const kernels = new Map<string, KernelTime>();
  for (const { kernel, seconds } of times) {
    const sum = kernels.get(kernel) ?? { kernel, dispatches: 0, seconds: 0 };
    sum.dispatches++;
    sum.seconds += seconds;
    kernels.set(kernel, sum);
  }
  return [...kernels.values()].sort((a, b) => b.seconds - a.seconds);
}

async function watched(
  work: () => unknown,
  split: boolean,
): Promise<{ kernel: string; seconds: number }[] | null> {
  if (!gpuBackend()!.gpu.features.includes('timestamp-query')) return null;
  await checkGpu();
  const seen: Watch = { sets: [], passes: [], split };
  watch = seen;
  try {
    await work();
    await checkGpu();
  } finally {
    watch = null;
  }
  const times: number[] = [];
  for (const set of seen.sets) times.push(...(await passTimes(set)));
  return seen.passes.map((kernel, i) => ({ kernel, seconds: times[i] }));
}

/** Seconds of every pass of a set, and destroys it. */
async function passTimes(set: GPUQuerySet): Promise<number[]> {
  const { device } = gpuBackend()!;
  const size = QUERIES * 8;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const read = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(set, 0, QUERIES, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const stamps = new BigInt64Array(read.getMappedRange().slice(0));
  set.destroy();
  resolved.destroy();
  read.destroy();
  return Array.from({ length: QUERIES / 2 }, (_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e9);
}
