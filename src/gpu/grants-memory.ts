/** Whether a device has memory for so much: WebGPU tells no total, so it is asked for the amount itself. */
import { gpuBackend } from './backend.ts';

const PIECE = 256 << 20;

/**
 * Asks for `bytes` in pieces beside what is in use, and gives them back at once. Drivers that promise more than they have
 * say yes too early: an answer of yes is not a guarantee.
 */
export async function grantsMemory(bytes: number): Promise<boolean> {
  const gpu = gpuBackend();
  if (!gpu) return true;
  const { device } = gpu;
  const piece = Math.min(PIECE, device.limits.maxBufferSize);
  const buffers: GPUBuffer[] = [];
  let granted = true;
  for (let left = bytes; left > 0 && granted; left -= piece) {
    device.pushErrorScope('out-of-memory');
    buffers.push(
      device.createBuffer({ size: Math.ceil(Math.min(left, piece) / 4) * 4, usage: GPUBufferUsage.STORAGE }),
    );
    granted = (await device.popErrorScope()) === null;
  }
  for (const buffer of buffers) buffer.destroy();
  return granted;
}
