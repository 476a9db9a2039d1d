/** The scales of several packed matrices side by side, so that a kernel which computes them all binds one buffer for them. */
import { gpuBackend, isQuantized, scaleBytes } from '../../../gpu/index.ts';
import type { PlanMatrix } from './weights.ts';

interface Joined {
  sources: GPUBuffer[];
  buffer: GPUBuffer;
}

/** Only kernels of more matrices have too many buffers for some adapters; what is joined is there twice. */
const FEW = 2;

export function joinsScales(matrices: readonly PlanMatrix[]): boolean {
  return matrices.length > FEW && isQuantized(matrices[0].format);
}

export class JoinedScales {
  readonly #joined = new Map<string, Joined>();

  /** @param key  names the matrices, whose scales are copied now unless that was done before */
  of(key: string, matrices: readonly PlanMatrix[]): GPUBuffer {
    const gpu = gpuBackend()!;
    const sources = matrices.map(({ buffers }) => buffers[1]);
    const known = this.#joined.get(key);
    if (known?.sources.every((source, i) => source === sources[i])) return known.buffer;
    if (known) gpu.freeBuffer(known.buffer);
    const sizes = matrices.map(({ rows, columns, format }) => scaleBytes(rows, columns, format));
    const buffer = gpu.createBuffer(
      sizes.reduce((a, b) => a + b),
      'joined scales of the decode plan',
    );
    // What packs the matrices may be recorded and not submitted.
    gpu.flush();
    const encoder = gpu.device.createCommandEncoder();
    let at = 0;
    sources.forEach((source, i) => {
      encoder.copyBufferToBuffer(source, 0, buffer, at, sizes[i]);
      at += sizes[i];
    });
    gpu.device.queue.submit([encoder.finish()]);
    this.#joined.set(key, { sources, buffer });
    return buffer;
  }

  dispose(): void {
    for (const { buffer } of this.#joined.values()) gpuBackend()?.freeBuffer(buffer);
    this.#joined.clear();
  }
}
