import { expect, test } from 'vitest';
import { gpuBackend } from '../gpu/index.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import { TINY } from './harness.testing.ts';
import { openPolicy } from './open-policy.ts';

test.each([true, false])(
  'use_decode_plan and gradient_checkpointing %s decide how a run generates and takes its gradients',
  async on => {
    const config = {
      ...TINY,
      backend: 'webgpu' as const,
      use_decode_plan: on,
      gradient_checkpointing: on,
    };
    const start = { runId: 'x', config, model: { files: await fixtureFiles('lfm2_vl') } };
    const options = { signal: new AbortController().signal, onProgress: () => {}, notice: () => {} };
    const { policy } = await openPolicy(start, options);
    expect(policy.decoder() !== null).toBe(on);
    expect(policy.gradientCheckpointing).toBe(on);
    policy.dispose();
  },
);

test('fp16 says so where the GPU has no matrix units for it', async () => {
  const start = {
    runId: 'x',
    config: { ...TINY, backend: 'webgpu' as const, weights: 'f16' as const, fp16: true },
    model: { files: await fixtureFiles('lfm2_vl') },
  };
  const options = { signal: new AbortController().signal, onProgress: () => {}, notice: () => {} };
  const { policy, device } = await openPolicy(start, options);
  const { half } = gpuBackend()!.gpu;
  expect(device.notice.includes('fp16')).toBe(half.matrices === null);
  policy.dispose();
});
