/** Copies of GPU buffers that are read while later commands run. */
import type { GpuBackend } from '../../../gpu/index.ts';

export class Staging {
  /** Unmapped ones, to be used again. */
  readonly #free: GPUBuffer[] = [];

  constructor(private readonly gpu: GpuBackend) {}

  /** Records the copies. @returns what waits for them, once the encoder's commands are submitted */
  copy(encoder: GPUCommandEncoder, sources: GPUBuffer[]): () => Promise<Uint32Array[]> {
    const bytes = sources.reduce((sum, { size }) => sum + size, 0);
    const buffer = this.#take(bytes);
    let offset = 0;
    for (const source of sources) {
      encoder.copyBufferToBuffer(source, 0, buffer, offset, source.size);
      offset += source.size;
    }
    return async () => {
      try {
        await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
      } catch (error) {
        // A lost device or a rejected command says more than the failed mapping.
        await this.gpu.check();
        throw error;
      }
      const all = new Uint32Array(buffer.getMappedRange(0, bytes).slice(0));
      buffer.unmap();
      this.#free.push(buffer);
      this.gpu.gpu.errors.throwFirst();
      let start = 0;
      return sources.map(({ size }) => all.subarray(start, (start += size / 4)));
    };
  }

  dispose(): void {
    for (const buffer of this.#free.splice(0)) buffer.destroy();
  }

  #take(bytes: number): GPUBuffer {
    const at = this.#free.findIndex(buffer => buffer.size >= bytes);
    if (at >= 0) return this.#free.splice(at, 1)[0];
    for (const small of this.#free.splice(0)) small.destroy();
    return this.gpu.device.createBuffer({
      label: 'decode plan: staging',
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }
}
