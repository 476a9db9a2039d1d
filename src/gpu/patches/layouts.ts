/** Asking a pipeline for its layout makes a new object each time, and tfjs asks at every dispatch. Here the first is kept. */
export function rememberLayouts(device: GPUDevice): void {
  const create = device.createComputePipeline.bind(device);
  device.createComputePipeline = descriptor => {
    const pipeline = create(descriptor);
    const make = pipeline.getBindGroupLayout.bind(pipeline);
    const layouts = new Map<number, GPUBindGroupLayout>();
    pipeline.getBindGroupLayout = group => {
      const layout = layouts.get(group) ?? make(group);
      layouts.set(group, layout);
      return layout;
    };
    return pipeline;
  };
}
