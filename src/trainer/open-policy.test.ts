import { expect, test } from 'vitest';
import { fixtureFiles } from '../models/fixture-files.ts';
import { TINY } from './harness.testing.ts';
import { openPolicy } from './open-policy.ts';

test.each([true, false])(
  'use_decode_plan %s decides how a run generates on webgpu',
  async use_decode_plan => {
    const config = { ...TINY, backend: 'webgpu' as const, use_decode_plan };
    const start = { runId: 'x', config, model: { files: await fixtureFiles('lfm2_vl') } };
    const options = { signal: new AbortController().signal, onProgress: () => {}, notice: () => {} };
    const { policy } = await openPolicy(start, options);
    expect(policy.decoder() !== null).toBe(use_decode_plan);
    policy.dispose();
  },
);
