import { expect } from 'vitest';
import { benchKernels } from './bench.ts';
import { onBothBackends } from './testing.ts';

onBothBackends('the bench times every kernel', async () => {
  const sizes = { batch: 1, length: 8, width: 16, heads: 2, kvHeads: 1, vocabulary: 32 };
  const timings = await benchKernels(sizes, 1);
  expect(timings.map(timing => timing.name)).toContain('attention');
  for (const { fused } of timings) expect(fused).toBeGreaterThan(0);
});
