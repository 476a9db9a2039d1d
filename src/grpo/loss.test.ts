/** The losses against TRL's own `_compute_loss`, and what must hold of any of them. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { grpoLoss } from './loss.ts';
import { evaluate, RECORDED, totalsOf, unpadded } from './loss.testing.ts';
import { LOSSES } from './losses/registry.ts';
import { compareResult, worst } from './recorded/compare.ts';
import { readRecordedFile, readSettings } from './recorded/file.ts';
import { Rows } from './rows.ts';

/** float32 sums of at most 54 terms of order 1. */
const CLOSE = 1e-5;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('equals TRL in loss, gradient and metrics', () => {
  test.each(RECORDED.results.map(result => [JSON.stringify(result.settings), result] as const))(
    '%s',
    async (_, result) => {
      expect(worst(await compareResult(RECORDED, result))).toBeLessThan(CLOSE);
    },
  );

  test('and a record that is off by little is found', async () => {
    const [result] = RECORDED.results;
    const grad = result.grad.map(row => [...row]);
    grad[1][2] += 1e-4;
    expect((await compareResult(RECORDED, { ...result, grad })).gradient).toBeCloseTo(1e-4, 6);
    const metrics = { ...result.metrics, unheard_of: 0 };
    expect((await compareResult(RECORDED, { ...result, metrics })).metrics.unheard_of).toBe(Infinity);
  });

  test('a setting or a file that cannot be read is named', () => {
    expect(() => readSettings({ loss_type: 'dapo', magic: 1 })).toThrow('magic');
    expect(() => readRecordedFile({ ...RECORDED, tool_mask: [[1]] })).toThrow(
      'tool_mask has 1 rows, but logps has 6',
    );
    expect(() => readRecordedFile({})).toThrow('max_completion_length');
  });
});

describe.each(Object.keys(LOSSES))('%s', loss_type => {
  const settings = {
    loss_type,
    level: loss_type === 'luspo' ? 'sequence' : 'token',
    beta: 0.1,
    eps_high: loss_type === 'cispo' ? 5 : 0.28,
    tool_mask: true,
    entropy_coef: 0.05,
  };

  test('micro-batches of unequal size add up to one big batch', async () => {
    const whole = unpadded(settings);
    const normalizer = totalsOf(whole.batch.rows);
    const one = await evaluate(whole, { normalizer });
    const parts = await Promise.all(
      [[0], [1, 2, 3], [4, 5]].map(chosen => evaluate(unpadded(settings, chosen), { normalizer })),
    );
    expect(parts.reduce((sum, part) => sum + part.loss, 0)).toBeCloseTo(one.loss, 5);
    const grad = parts.flatMap(part => [...part.grad]);
    grad.forEach((value, i) => expect(Math.abs(value - one.grad[i])).toBeLessThan(CLOSE));
  });

  test('a token outside the mask receives no gradient', async () => {
    const whole = unpadded(settings);
    const { grad } = await evaluate(whole, {});
    const masked = [...whole.batch.rows.mask].flatMap((m, i) => (m === 0 ? [grad[i]] : []));
    expect(masked.length).toBeGreaterThan(0);
    expect(masked.every(value => value === 0)).toBe(true);
  });

  test('a row without advantage teaches nothing', async () => {
    const whole = unpadded(settings);
    const advantages = Array.from(whole.batch.advantages, () => 0);
    const { loss, grad } = await evaluate(
      { ...whole, batch: { ...whole.batch, advantages } },
      { config: { beta: 0, entropy_coef: 0 } },
    );
    expect(Math.abs(loss)).toBe(0);
    expect(Math.max(...grad.map(Math.abs))).toBe(0);
  });

  test('leaves nothing behind but the trace, which is handed over', async () => {
    const whole = unpadded(settings);
    const before = tf.memory().numTensors;
    await evaluate(whole, {});
    // The log-probabilities that it differentiates by.
    expect(tf.memory().numTensors - before).toBe(1);
  });
});

test('on policy, the gradient of a token is minus its advantage over the number of tokens', async () => {
  const inputs = unpadded({ loss_type: 'dapo', on_policy: true });
  const { rows, advantages } = inputs.batch;
  const { grad, loss } = await evaluate(inputs, {});
  const expected = rows.spread(advantages).map(advantage => -advantage / rows.lossTokens);
  grad.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
  expect(loss).toBeCloseTo(
    expected.reduce((sum, value) => sum + value, 0),
    5,
  );
});

test('inputs that the configuration needs are asked for by name', () => {
  const rows = new Rows(Int32Array.of(0), Float32Array.of(1), 1);
  const batch = { rows, advantages: [1], logps: tf.tensor1d([-1]), oldLogps: null };
  const normalizer = totalsOf(rows);
  const config = { ...DEFAULT_CONFIG, beta: 0 };
  expect(() => grpoLoss(batch, { ...config, beta: 0.1 }, normalizer)).toThrow('refLogps');
  expect(() => grpoLoss(batch, { ...config, entropy_coef: 0.1 }, normalizer)).toThrow('entropies');
  expect(() => grpoLoss({ ...batch, advantages: [1, 2] }, config, normalizer)).toThrow(
    '2 advantages for 1 rows',
  );
  expect(() => grpoLoss({ ...batch, keep: new Float32Array(3) }, config, normalizer)).toThrow('keep has 3');
});
