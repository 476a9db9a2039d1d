import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTensor } from '../gpu/index.ts';
import { startBackend } from '../gpu/start.ts';
import { fixtureFiles, tensorsOf } from './fixture-files.ts';
import { loadPolicy } from './load.ts';
import { maxError } from './parity/reference.ts';
import type { Policy } from './policy.ts';
import { SafetensorsFile } from './safetensors/read.ts';
import { writeSafetensors } from './safetensors/write.ts';

type Files = Map<string, Blob>;

beforeAll(() => startBackend('wasm').then(() => undefined));

/**
 * A reference folder, whose head is tied, with `head` stored beside the embeddings and `tied` in config.json.
 * @param head  made from the table of embeddings; null stores none
 */
async function folderWith(
  name: string,
  tied: boolean,
  head: ((table: Float32Array) => Float32Array) | null,
): Promise<{ files: Files; head: Float32Array | null; table: Float32Array }> {
  const files = await fixtureFiles(name);
  const config = JSON.parse(await files.get('config.json')!.text()) as Record<string, object | undefined>;
  const said = { tie_word_embeddings: tied };
  const text = config.text_config && { text_config: { ...config.text_config, ...said } };
  files.set('config.json', new Blob([JSON.stringify({ ...config, ...text, ...said })]));
  const tensors = await tensorsOf(files.get('model.safetensors')!);
  const [, table] = [...tensors].find(([each]) => each.endsWith('embed_tokens.weight'))!;
  const own = head && head(Float32Array.from(table.values));
  if (own) tensors.set('lm_head.weight', { shape: table.shape, values: own });
  files.set('model.safetensors', new Blob([writeSafetensors(tensors)]));
  return { files, head: own, table: Float32Array.from(table.values) };
}

const asBlobs = (files: Map<string, Uint8Array>): Files =>
  new Map([...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));

const headOf = async (policy: Policy): Promise<Float32Array> =>
  (await readTensor(policy.head as tf.Tensor)) as Float32Array;

async function hidden(policy: Policy): Promise<Float32Array> {
  const prompt = policy.prepare([{ role: 'user', content: 'Click.' }], []);
  const rows = policy.hidden([{ prompt, completion: Int32Array.of(50, 60, 70) }]);
  const values = (await readTensor(rows)) as Float32Array;
  rows.dispose();
  return values;
}

const backwards = (table: Float32Array): Float32Array => table.toReversed();

describe.each(['lfm2', 'lfm2_vl', 'qwen3_vl'])('the head of %s', name => {
  test.each([
    ['config.json says that it has one', false],
    ['config.json calls it tied: the weights decide, as in transformers', true],
  ])('is its own where one is stored, and stays so when exported: %s', async (_, tied) => {
    const { files, head } = await folderWith(name, tied, backwards);
    const policy = await loadPolicy({ files });
    expect(await headOf(policy)).toEqual(head);
    policy.setTrainable({ kind: 'lora', r: 2, alpha: 4, targets: null, useRslora: false, seed: 1 });
    for (const { variable } of policy.trainable()) variable.assign(tf.add(variable, 0.02));
    // What PEFT adapts by these names is what was trained here, and not the head.
    const adapter = asBlobs(await policy.exportAdapter('base'));
    const pairs = await SafetensorsFile.open(adapter.get('adapter_model.safetensors')!, 'adapter');
    expect(pairs.names().filter(each => /lm_head|embed_tokens/.test(each))).toEqual([]);

    const exported = asBlobs(await policy.exportModel());
    const config = JSON.parse(await exported.get('config.json')!.text()) as Record<string, unknown>;
    expect(config.tie_word_embeddings).toBe(false);
    const merged = await loadPolicy({ files: exported });
    expect(await headOf(merged)).toEqual(head);
    expect(maxError(await hidden(merged), await hidden(policy))).toBeLessThan(1e-4);
    merged.dispose();
    policy.dispose();
  });

  test('is the table of embeddings where none of its own is stored, and its export says so', async () => {
    for (const stored of [null, (table: Float32Array) => table]) {
      // A copy beside the table is none, where config.json calls it tied.
      const { files, table } = await folderWith(name, stored !== null, stored);
      const policy = await loadPolicy({ files });
      expect(await headOf(policy)).toEqual(table);
      const exported = asBlobs(await policy.exportModel());
      policy.dispose();
      const config = JSON.parse(await exported.get('config.json')!.text()) as {
        tie_word_embeddings: boolean;
        text_config?: { tie_word_embeddings: boolean };
      };
      // transformers draws a head at random where config.json asks for one that is not there.
      expect(config.tie_word_embeddings).toBe(true);
      expect(config.text_config?.tie_word_embeddings ?? true).toBe(true);
      const weights = await SafetensorsFile.open(exported.get('model.safetensors')!, 'exported');
      expect(weights.has('lm_head.weight')).toBe(false);
    }
  });

  test('trains with all weights, and is exported as it became', async () => {
    const { files, head } = await folderWith(name, false, backwards);
    const policy = await loadPolicy({ files });
    policy.setTrainable({ kind: 'full', vision: false });
    const { variable } = policy.trainable().find(each => each.name === 'lm_head.weight')!;
    variable.assign(tf.mul(variable, 2));
    const exported = asBlobs(await policy.exportModel());
    policy.dispose();
    const weights = await SafetensorsFile.open(exported.get('model.safetensors')!, 'exported');
    expect(await weights.read('lm_head.weight')).toEqual(head!.map(value => 2 * value));
  });
});

describe('an adapter of the head', () => {
  test('that PEFT made is refused by name, with what to do', async () => {
    const files = await fixtureFiles('lfm2');
    const settings = JSON.parse(await files.get('adapter/adapter_config.json')!.text()) as object;
    const policy = await loadPolicy({ files });
    for (const matrix of ['lm_head.lora_A.weight', 'lm_head.base_layer.weight']) {
      const tensor = { shape: [1, 64], values: new Float32Array(64) };
      const loading = policy.importAdapter(
        new Map([
          [
            'adapter_config.json',
            new Blob([JSON.stringify({ ...settings, target_modules: ['q_proj', 'lm_head'] })]),
          ],
          [
            'adapter_model.safetensors',
            new Blob([writeSafetensors(new Map([[`base_model.model.${matrix}`, tensor]]))]),
          ],
        ]),
      );
      await expect(loading).rejects.toMatchObject({ code: 'adapter-unsupported' });
      await expect(loading).rejects.toThrow(/lm_head.*merge_and_unload/);
    }
    policy.dispose();
  });

  test('that a run asks for is refused too, rather than left out', async () => {
    const policy = await loadPolicy({ files: await fixtureFiles('lfm2') });
    const asked = { kind: 'lora', r: 2, alpha: 4, useRslora: false, seed: 1 } as const;
    expect(() => policy.setTrainable({ ...asked, targets: ['q_proj', 'lm_head'] })).toThrow(
      expect.objectContaining({ code: 'adapter-unsupported' }),
    );
    policy.dispose();
  });
});
