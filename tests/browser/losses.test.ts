/** The losses on the backends that train: the same values and gradients as TRL's, from the kernels that each backend has. */
import { expect, test } from 'vitest';
import { startBackend } from '../../src/gpu/index.ts';
import { batchOf, configOf, evaluate, RECORDED, totalsOf } from '../../src/grpo/loss.testing.ts';

/** float32 exponentials of a GPU are good to a few units in the last place; sums of 54 terms of order 1. */
const CLOSE = 2e-5;

test.each(['wasm', 'webgpu'] as const)('every recorded loss and gradient holds on %s', async backend => {
  await startBackend(backend);
  const cases = RECORDED.filter(
    ({ settings }) => !settings.entropy_coef && !(settings.loss_type === 'luspo' && settings.beta !== 0),
  );
  expect(cases).toHaveLength(30);
  for (const { settings, loss, grad } of cases) {
    const name = JSON.stringify(settings);
    const { batch, logps, places } = batchOf(settings);
    const got = await evaluate({
      batch,
      logps,
      config: configOf(settings),
      normalizer: totalsOf(batch.rows),
    });
    expect(Math.abs(got.loss - loss), name).toBeLessThan(CLOSE);
    places.forEach(({ row, t }, i) => {
      expect(Math.abs(got.grad[i] - grad[row][t]), `${name} at [${row}][${t}]`).toBeLessThan(CLOSE);
    });
  }
});
