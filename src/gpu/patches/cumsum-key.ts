/** tfjs-backend-webgpu bakes the length of a cumulative sum into its shader but not into the shader's cache key. */
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu/dist/webgpu';

/** Adds the length to the key, so that a second length does not run the first one's shader (reverse and gradients were wrong). */
export function withCumKey(program: WebGPUProgram): void {
  if (program.shaderKey.startsWith('cum_')) program.shaderKey += `_n${program.outputShape.at(-1)}`;
}
