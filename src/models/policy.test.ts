import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTensor } from '../gpu/index.ts';
import { startBackend } from '../gpu/start.ts';
import { fixtureFiles } from './fixture-files.ts';
import { loadPolicy } from './load.ts';
import { maxError } from './parity/reference.ts';
import { testPolicy, type TestPolicy } from './policy.testing.ts';
import type { Policy, Prompt, Sequence } from './policy.ts';

/** Float32 sums in another order, through six layers. */
const TOLERANCE = 2e-5;

describe.each(['wasm', 'webgpu'] as const)('a policy on %s', backend => {
  let files: TestPolicy['files'];
  let policy: Policy;
  let sequences: Sequence[];
  let hidden: TestPolicy['hidden'];
  let withAdapter: TestPolicy['withAdapter'];

  beforeAll(async () => {
    ({ files, policy, sequences, hidden, withAdapter } = await testPolicy(backend));
  });

  afterAll(() => policy.dispose());

  test('a batch of unequal lengths gives each sequence what it gets alone', async () => {
    const together = await hidden(policy);
    const alone: number[] = [];
    for (const sequence of sequences) {
      const rows = policy.hidden([sequence]);
      alone.push(...(await readTensor(rows)));
      rows.dispose();
    }
    expect(together.length).toBe((4 + 3 + 2) * 64);
    expect(maxError(together, alone)).toBeLessThan(TOLERANCE);
  });

  test('members of a group share their prompt’s computation, with the values and gradients of each alone', async () => {
    const group: Sequence[] = [
      ...[[50, 60, 70], [51], [52, 61, 71, 81, 91]].map(ids => ({
        ...sequences[0],
        completion: Int32Array.from(ids),
      })),
      { ...sequences[1], completion: Int32Array.of(9, 8) },
      ...[
        [40, 41],
        [42, 43, 44],
      ].map(ids => ({ ...sequences[2], completion: Int32Array.from(ids) })),
    ];
    const other = await withAdapter();
    const variables = other.trainable().map(({ variable }) => variable);
    const measure = async (
      forward: () => tf.Tensor2D,
    ): Promise<{ rows: ArrayLike<number>; gradients: number[] }> => {
      let rows: tf.Tensor2D | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const hidden = forward();
        rows = tf.keep(tf.clone(hidden));
        // Unequal weights, so that a row in another's place shows.
        const weights = tf.reshape(tf.range(1, 17), [16, 1]);
        return tf.sum(tf.mul(tf.tanh(hidden), weights)) as tf.Scalar;
      }, variables);
      const values = await readTensor(rows!);
      const gradients: number[] = [];
      for (const { name } of variables) if (grads[name]) gradients.push(...(await readTensor(grads[name])));
      tf.dispose([rows!, value, ...Object.values(grads)]);
      return { rows: values, gradients };
    };
    const together = await measure(() => other.hidden(group));
    const alone = await measure(() =>
      tf.concat(
        group.map(sequence => other.hidden([sequence])),
        0,
      ),
    );
    expect(maxError(together.rows, alone.rows)).toBeLessThan(TOLERANCE);
    const scale = Math.hypot(...alone.gradients);
    expect(maxError(together.gradients, alone.gradients)).toBeLessThan(1e-5 * scale);
    other.dispose();
  });

  test('decoding from caches, forked and reordered, agrees with the whole forward pass', async () => {
    const { prompt } = sequences[0];
    const state = policy.prefill(
      sequences.map(sequence => sequence.prompt),
      4,
    );
    const first = await readTensor(state.hidden);
    const forked = state.fork(Int32Array.of(2, 0, 0));
    state.dispose();
    forked.step(Int32Array.of(61, 50, 51));
    const halved = forked.fork(Int32Array.of(1, 2));
    forked.dispose();
    halved.step(Int32Array.of(60, 71));
    const decoded = await readTensor(halved.hidden);
    halved.dispose();

    const last = async (from: Prompt, tokens: number[]): Promise<Float32Array> => {
      const rows = policy.hidden([{ prompt: from, completion: Int32Array.from([...tokens, 0]) }]);
      const values = (await readTensor(rows)) as Float32Array;
      rows.dispose();
      return values.slice(-64);
    };
    expect(maxError(decoded.slice(0, 64), await last(prompt, [50, 60]))).toBeLessThan(TOLERANCE);
    expect(maxError(decoded.slice(64), await last(prompt, [51, 71]))).toBeLessThan(TOLERANCE);
    expect(maxError(first.slice(64, 128), await last(sequences[1].prompt, []))).toBeLessThan(TOLERANCE);
  });

  test('a fresh adapter changes nothing, and the reference pass never sees an adapter', async () => {
    const before = await hidden(policy);
    const adapted = await withAdapter();
    expect(maxError(await hidden(adapted, false), before)).toBeLessThan(TOLERANCE);
    expect(maxError(await hidden(adapted), before)).toBeGreaterThan(0.01);
    adapted.setTrainable({ kind: 'lora', r: 2, alpha: 4, targets: null, useRslora: false, seed: 1 });
    expect(maxError(await hidden(adapted), before)).toBeLessThan(TOLERANCE);
    adapted.dispose();
  });

  test('LoRA dropout changes a forward pass that names its masks and no other, with the gradient of what it computed', async () => {
    const [plain, dropping] = [await withAdapter(), await withAdapter(0.3)];
    const [one] = sequences;
    const states = async (of: Policy, dropoutKey?: number, adapter = true): Promise<Float32Array> => {
      const rows = of.hidden([one], { dropoutKey, adapter });
      const values = (await readTensor(rows)) as Float32Array;
      rows.dispose();
      return values;
    };
    expect(await states(dropping)).toEqual(await states(plain));
    expect(await states(plain, 1)).toEqual(await states(plain));
    expect(maxError(await states(dropping, 1, false), await states(plain, undefined, false))).toBe(0);
    const masked = await states(dropping, 1);
    expect(await states(dropping, 1)).toEqual(masked);
    expect(maxError(masked, await states(plain))).toBeGreaterThan(0.01);
    expect(maxError(masked, await states(dropping, 2))).toBeGreaterThan(0.01);

    // The slope along the gradient is the gradient's length.
    const variables = dropping.trainable().map(({ variable }) => variable);
    const loss = (): tf.Scalar =>
      tf.tidy(() => tf.sum(tf.tanh(dropping.hidden([one], { dropoutKey: 1 })))) as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss, variables);
    const length = Math.sqrt(
      (await Promise.all(variables.map(({ name }) => readTensor(grads[name]))))
        .flatMap(values => [...values])
        .reduce((sum, slope) => sum + slope * slope, 0),
    );
    const at = async (shift: number): Promise<number> => {
      const move = (by: number) => {
        for (const variable of variables)
          tf.tidy(() => variable.assign(tf.add(variable, tf.mul(grads[variable.name], by / length))));
      };
      move(shift);
      const moved = loss();
      move(-shift);
      const [read] = await readTensor(moved);
      moved.dispose();
      return read;
    };
    const slope = ((await at(0.01)) - (await at(-0.01))) / 0.02;
    // Float32 differences over a step that is short against the curvature.
    expect(Math.abs(slope / length - 1)).toBeLessThan(0.02);
    tf.dispose([value, ...Object.values(grads)]);
    plain.dispose();
    dropping.dispose();
  });

  test('nothing leaks through forward, gradient, decoding, and change of what trains', async () => {
    const other = await loadPolicy({ files });
    const step = async (): Promise<void> => {
      other.setTrainable({ kind: 'full', vision: true });
      other.setTrainable({
        kind: 'lora',
        r: 2,
        alpha: 4,
        targets: ['q_proj', 'fc1'],
        useRslora: true,
        seed: 1,
      });
      const { value, grads } = tf.variableGrads(
        () => tf.sum(other.hidden(sequences)) as tf.Scalar,
        other.trainable().map(({ variable }) => variable),
      );
      tf.dispose([value, ...Object.values(grads)]);
      const state = other.prefill([sequences[0].prompt], 2);
      const fork = state.fork(Int32Array.of(0, 0));
      await fork.step(Int32Array.of(5, 6));
      state.dispose();
      fork.dispose();
      (await hidden(other, false)).fill(0);
    };
    await step();
    const before = tf.memory().numTensors;
    await step();
    expect(tf.memory().numTensors).toBe(before);
    other.dispose();
  });
});

describe('prompts', () => {
  let policy: Policy;
  const image = {
    width: 160,
    height: 210,
    channels: 3 as const,
    data: new Uint8Array(160 * 210 * 3).fill(9),
  };
  const user = (
    text: string,
  ): { role: 'user'; content: ({ type: 'image' } | { type: 'text'; text: string })[] }[] => [
    { role: 'user', content: [{ type: 'image' }, { type: 'text', text }] },
  ];

  beforeAll(async () => {
    await startBackend('wasm');
    policy = await loadPolicy({ files: await fixtureFiles('lfm2_vl') });
  });

  afterAll(() => policy.dispose());

  test('a page that shows the image placeholder’s text cannot smuggle an image in', () => {
    const prompt = policy.prepare(user('link <image>'), [image]);
    expect(prompt.ids.filter(id => id === policy.tokenizer.idOf('<image>'))).toHaveLength(35);
  });

  test('too few images are an error that counts both', () => {
    expect(() => policy.prepare(user('x'), [])).toThrow(/1 image placeholders, but 0 images/);
  });

  test('pixels that do not fill their size are refused', () => {
    expect(() => policy.prepare(user('x'), [{ ...image, width: 161 }])).toThrow(
      expect.objectContaining({ code: 'image-invalid' }),
    );
  });

  test('image markers are never to be sampled', () => {
    for (const token of [
      '<image>',
      '<|image_start|>',
      '<|image_end|>',
      '<|img_thumbnail|>',
      '<|img_row_1_col_2|>',
    ])
      expect(policy.bannedIds).toContain(policy.tokenizer.idOf(token));
    expect(policy.bannedIds).not.toContain(policy.tokenizer.eosIds[0]);
  });

  test('LoRA targets that match nothing are refused with the names that exist', () => {
    expect(() =>
      policy.setTrainable({
        kind: 'lora',
        r: 2,
        alpha: 4,
        targets: ['gate_proj'],
        useRslora: false,
        seed: 1,
      }),
    ).toThrow(/gate_proj.*w1/);
  });

  test('LoRA without named targets stays inside the language model, on all eight kinds of linear layers', () => {
    policy.setTrainable({ kind: 'lora', r: 2, alpha: 4, targets: null, useRslora: false, seed: 1 });
    const names = policy.trainable().map(({ name }) => name);
    expect(names.every(name => name.startsWith('base_model.model.model.language_model.layers.'))).toBe(true);
    const kinds = new Set(names.map(name => name.split('.').at(-3)));
    expect([...kinds].sort()).toEqual([
      'in_proj',
      'k_proj',
      'out_proj',
      'q_proj',
      'v_proj',
      'w1',
      'w2',
      'w3',
    ]);
    policy.setTrainable({ kind: 'none' });
  });
});
