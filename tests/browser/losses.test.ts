/** The losses on the backends that train: the same values and gradients as TRL's, from the kernels that each backend has. */
import { expect, test } from 'vitest';
import { startBackend } from '../../src/gpu/index.ts';
import { RECORDED } from '../../src/grpo/loss.testing.ts';
import { compareResult, worst } from '../../src/grpo/recorded/compare.ts';

/** float32 exponentials of a GPU are good to a few units in the last place; sums of 54 terms of order 1. */
const CLOSE = 2e-5;

test.each(['wasm', 'webgpu'] as const)(
  'every recorded loss, gradient and metric holds on %s',
  async backend => {
    await startBackend(backend);
    expect(RECORDED.results).toHaveLength(33);
    for (const result of RECORDED.results) {
      expect(worst(await compareResult(RECORDED, result)), JSON.stringify(result.settings)).toBeLessThan(
        CLOSE,
      );
    }
  },
);
