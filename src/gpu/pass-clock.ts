/** The GPU's own clock: how long compute passes took there, whatever the processor did meanwhile. */
import type { GpuBackend } from './backend.ts';

/** Passes of a set of queries, each with a beginning and an end: WebGPU allows 4096 queries. */
const SET_PASSES = 2048;

/** Bytes of a pass's two stamps. */
const STAMPS = 16;

/**
 * Watches passes one after another. Chromium rounds each to a tenth of a millisecond unless started with
 * --enable-webgpu-developer-features.
 */
export class PassClock {
  readonly #sets: GPUQuerySet[] = [];
  #passes = 0;

  private constructor(private readonly gpu: GpuBackend) {}

  /** Null where the adapter has no clock. */
  static of(gpu: GpuBackend): PassClock | null {
    return gpu.gpu.features.includes('timestamp-query') ? new PassClock(gpu) : null;
  }

  /** Goes into the descriptor of the next pass that is watched. */
  next(): GPUComputePassTimestampWrites {
    const first = 2 * (this.#passes++ % SET_PASSES);
    if (first === 0)
      this.#sets.push(this.gpu.device.createQuerySet({ type: 'timestamp', count: 2 * SET_PASSES }));
    return {
      querySet: this.#sets.at(-1)!,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  /**
   * Seconds of every pass that was watched and has been submitted, in their order; 0 where the clock is too coarse. Ends the
   * watch.
   * @throws {GpuError} what the GPU says of anything submitted before
   */
  async read(): Promise<number[]> {
    if (this.#passes === 0) return [];
    const { device } = this.gpu;
    const size = this.#passes * STAMPS;
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
    const read = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    try {
      const encoder = device.createCommandEncoder();
      this.#sets.forEach((set, i) => {
        const passes = Math.min(SET_PASSES, this.#passes - i * SET_PASSES);
        encoder.resolveQuerySet(set, 0, 2 * passes, resolved, i * SET_PASSES * STAMPS);
      });
      encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
      device.queue.submit([encoder.finish()]);
      await this.gpu.check();
      await read.mapAsync(GPUMapMode.READ);
      const stamps = new BigInt64Array(read.getMappedRange().slice(0));
      return Array.from({ length: this.#passes }, (_, i) => Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e9);
    } finally {
      for (const buffer of [resolved, read]) buffer.destroy();
      for (const set of this.#sets.splice(0)) set.destroy();
      this.#passes = 0;
    }
  }
}
