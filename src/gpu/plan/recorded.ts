/** Dispatches prepared once and recorded many times: nothing is made, looked up or checked while a step is recorded. */
import type { GpuBackend } from '../backend.ts';

export type Bound = GPUBuffer | { buffer: GPUBuffer; offset: number; size: number };

export interface Recorded {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  groups(sequences: number): [number, number, number];
}

/** @param buffers  in the order of the shader's bindings */
export function prepare(
  gpu: GpuBackend,
  key: string,
  code: () => string,
  buffers: Bound[],
  groups: Recorded['groups'],
): Recorded {
  const pipeline = gpu.pipeline(key, code);
  const entries = buffers.map((bound, binding) => ({
    binding,
    resource: bound instanceof GPUBuffer ? { buffer: bound } : bound,
  }));
  const layout = pipeline.getBindGroupLayout(0);
  return { pipeline, bindGroup: gpu.device.createBindGroup({ layout, entries }), groups };
}

export function record(pass: GPUComputePassEncoder, steps: readonly Recorded[], sequences: number): void {
  for (const { pipeline, bindGroup, groups } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...groups(sequences));
  }
}
