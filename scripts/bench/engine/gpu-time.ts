/** How long the GPU itself worked, by its own clock: what is left of the wall time was spent on telling it what to do. */
import { checkGpu, gpuBackend, PassClock } from '../../../src/gpu/index.ts';

export interface KernelTime {
  /** Label of the pipeline. */
  kernel: string;
  dispatches: number;
  seconds: number;
}

interface Watch {
  clock: PassClock;
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
    const open = (kernel: string): GPUComputePassEncoder => {
      seen.passes.push(kernel);
      return begin.call(this, { ...descriptor, timestampWrites: seen.clock.next() });
    };
    return watch.split ? new SplitPass(open).asEncoder() : open('');
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

/** Seconds that compute passes of `work` took on the GPU; null where the adapter has no clock. */
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
  const clock = PassClock.of(gpuBackend()!);
  if (!clock) return null;
  await checkGpu();
  const seen: Watch = { clock, passes: [], split };
  watch = seen;
  try {
    await work();
    await checkGpu();
  } finally {
    watch = null;
  }
  const times = await clock.read();
  return seen.passes.map((kernel, i) => ({ kernel, seconds: times[i] }));
}
