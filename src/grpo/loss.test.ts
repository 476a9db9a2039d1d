/** The losses against TRL's own `_compute_loss`, and what must hold of any of them. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { grpoLoss, lossReadings } from './loss.ts';
import { batchOf, configOf, evaluate, RECORDED, totalsOf, type Settings } from './loss.testing.ts';
import { LOSSES } from './losses/registry.ts';
import { MetricAccumulator } from './metrics.ts';
import { Rows } from './rows.ts';

/** float32 sums of at most 54 terms of order 1. */
const CLOSE = 1e-5;

/**
 * With a KL term, TRL's luspo averages the KL over padding as well, so its value depends on how long the longest row of
 * the micro-batch is. We have no padding and average over the row's own tokens.
 */
const paddedKl = ({ loss_type, beta }: Settings) => loss_type === 'luspo' && beta !== 0;

const title = (settings: Settings) =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('equals TRL', () => {
  const comparable = RECORDED.filter(({ settings }) => !paddedKl(settings));

  test('on every recorded setting but the two of luspo with padding in its KL', () => {
    expect(RECORDED.length - comparable.length).toBe(2);
  });

  test.each(comparable.map(recorded => [title(recorded.settings), recorded] as const))(
    '%s',
    async (_, recorded) => {
      const { settings } = recorded;
      const config = configOf(settings);
      const { batch, logps, entropies, places } = batchOf(settings);
      const withEntropies = { ...batch, entropies: tf.tensor1d(entropies) };
      const got = await evaluate({ batch: withEntropies, logps, config, normalizer: totalsOf(batch.rows) });

      expect(Math.abs(got.loss - recorded.loss)).toBeLessThan(CLOSE);
      places.forEach(({ row, t }, i) => {
        expect(Math.abs(got.grad[i] - recorded.grad[row][t]), `d loss / d logps[${row}][${t}]`).toBeLessThan(
          CLOSE,
        );
      });

      const metrics = new MetricAccumulator();
      metrics.add(lossReadings({ ...batch, config, entropies, logRatio: got.logRatio, kl: got.kl }));
      const ours = metrics.values();
      for (const [name, value] of Object.entries(recorded.metrics)) {
        if (name === 'policy_loss' || name === 'entropy_coef') continue;
        expect(Math.abs(ours[name] - value), name).toBeLessThan(CLOSE);
      }
    },
  );
});

describe.each(Object.keys(LOSSES) as Settings['loss_type'][])('%s', loss_type => {
  const settings: Settings = {
    loss_type,
    level: loss_type === 'luspo' ? 'sequence' : 'token',
    beta: 0.1,
    eps: 0.2,
    eps_high: loss_type === 'cispo' ? 5 : 0.28,
    tool_mask: true,
  };
  const config = configOf(settings);

  test('micro-batches of unequal size add up to one big batch', async () => {
    const whole = batchOf(settings);
    const normalizer = totalsOf(whole.batch.rows);
    const one = await evaluate({ ...whole, config, normalizer });
    const parts = await Promise.all(
      [[0], [1, 2, 3], [4, 5]].map(chosen => evaluate({ ...batchOf(settings, chosen), config, normalizer })),
    );
    expect(parts.reduce((sum, part) => sum + part.loss, 0)).toBeCloseTo(one.loss, 5);
    const grad = parts.flatMap(part => [...part.grad]);
    grad.forEach((value, i) => expect(Math.abs(value - one.grad[i])).toBeLessThan(CLOSE));
  });

  test('a token outside the mask receives no gradient', async () => {
    const whole = batchOf({ ...settings, tool_mask: true });
    const { grad } = await evaluate({ ...whole, config, normalizer: totalsOf(whole.batch.rows) });
    const masked = [...whole.batch.rows.mask].flatMap((m, i) => (m === 0 ? [grad[i]] : []));
    expect(masked.length).toBeGreaterThan(0);
    expect(masked.every(value => value === 0)).toBe(true);
  });

  test('a row without advantage teaches nothing', async () => {
    const whole = batchOf(settings);
    const batch = { ...whole.batch, advantages: whole.batch.advantages.map(() => 0) };
    const { loss, grad } = await evaluate({
      ...whole,
      batch,
      config: { ...config, beta: 0 },
      normalizer: totalsOf(batch.rows),
    });
    expect(Math.abs(loss)).toBe(0);
    expect(Math.max(...grad.map(Math.abs))).toBe(0);
  });

  test('leaves only the kept trace behind', async () => {
    const whole = batchOf(settings);
    const before = tf.memory().numTensors;
    await evaluate({ ...whole, config, normalizer: totalsOf(whole.batch.rows) });
    // evaluate makes one input tensor of its own.
    expect(tf.memory().numTensors - before).toBe(1);
  });
});

test('on policy, the gradient of a token is minus its advantage over the number of tokens', async () => {
  const settings: Settings = {
    loss_type: 'dapo',
    level: 'token',
    beta: 0,
    eps: 0.2,
    eps_high: 0.2,
    on_policy: true,
  };
  const { batch, logps } = batchOf(settings);
  const { grad, loss } = await evaluate({
    batch,
    logps,
    config: configOf(settings),
    normalizer: totalsOf(batch.rows),
  });
  const expected = batch.rows.spread(batch.advantages).map(advantage => -advantage / batch.rows.lossTokens);
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
  const config = { ...DEFAULT_CONFIG };
  expect(() => grpoLoss(batch, { ...config, beta: 0.1 }, normalizer)).toThrow('refLogps');
  expect(() => grpoLoss(batch, { ...config, entropy_coef: 0.1 }, normalizer)).toThrow('entropies');
  expect(() => grpoLoss({ ...batch, advantages: [1, 2] }, config, normalizer)).toThrow(
    '2 advantages for 1 rows',
  );
  expect(() => grpoLoss({ ...batch, keep: new Float32Array(3) }, config, normalizer)).toThrow('keep has 3');
});
