import { expect, test } from 'vitest';
import { gpuBackend } from './backend.ts';
import { PassClock } from './pass-clock.ts';
import { startBackend } from './start.ts';

/** Adds ones up, `turns` times: long enough for the coarsest clock. */
const SUM = (turns: number): string => `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1) fn main() { for (var i = 0u; i < ${turns}u; i++) { x[i % 4u] += 1.0; } }`;

test('every watched pass has a time of its own, in their order, beyond what one set of queries holds', async () => {
  await startBackend('webgpu');
  const gpu = gpuBackend()!;
  const clock = PassClock.of(gpu);
  expect(clock, 'SwiftShader has a clock').not.toBeNull();
  const pipelines = [1, 500_000].map(turns => gpu.pipeline(`clock-test ${turns}`, SUM(turns)));
  const buffer = gpu.createBuffer(16, 'clock test');
  const encoder = gpu.device.createCommandEncoder();
  // The last one is the second in a second set.
  const passes = 2050;
  const long = [1, passes - 1];
  for (let i = 0; i < passes; i++) {
    const pipeline = pipelines[long.includes(i) ? 1 : 0];
    const entries = [{ binding: 0, resource: { buffer } }];
    const pass = encoder.beginComputePass({ timestampWrites: clock!.next() });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, gpu.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
  }
  gpu.device.queue.submit([encoder.finish()]);
  const seconds = await clock!.read();
  gpu.freeBuffer(buffer);
  expect(seconds).toHaveLength(passes);
  for (const i of long) expect(seconds[i]).toBeGreaterThan(2e-4);
  const short = seconds.filter((_, i) => !long.includes(i)).sort((a, b) => a - b);
  // The middle one: another process may have had the processor during any one of them.
  expect(short[1024]).toBeLessThan(Math.min(...long.map(i => seconds[i])) / 4);
  expect(await clock!.read()).toEqual([]);
});
