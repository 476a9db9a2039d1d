import type * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../gpu/start.ts';
import { ModelFormatError } from './errors.ts';
import { fixtureFiles, tensorsOf } from './fixture-files.ts';
import { initPolicy, loadPolicy } from './load.ts';
import { readTensor, type WeightFormat } from '../gpu/index.ts';
import { maxError } from './parity/reference.ts';
import { writeSafetensors, type TensorData } from './safetensors/write.ts';

type Files = Map<string, Blob>;
let folder: Files;

beforeAll(async () => {
  await startBackend('wasm');
  folder = await fixtureFiles('lfm2');
});

/** A copy of the text model's folder after `change`. */
async function changed(change: (files: Files) => void | Promise<void>): Promise<Files> {
  const files = new Map(folder);
  await change(files);
  return files;
}

async function editConfig(files: Files, fields: Record<string, unknown>): Promise<void> {
  const config = JSON.parse(await files.get('config.json')!.text()) as object;
  files.set('config.json', new Blob([JSON.stringify({ ...config, ...fields })]));
}

async function editWeights(files: Files, edit: (tensors: Map<string, TensorData>) => void): Promise<void> {
  const tensors = await tensorsOf(files.get('model.safetensors')!);
  edit(tensors);
  files.set('model.safetensors', new Blob([writeSafetensors(tensors)]));
}

async function failure(files: Files): Promise<ModelFormatError> {
  const result = await loadPolicy({ files }).catch((error: unknown) => error);
  expect(result).toBeInstanceOf(ModelFormatError);
  return result as ModelFormatError;
}

test('an export carries what transformers reads beside the weights, also what nothing here reads', async () => {
  const video = new Blob(['{"video_processor_type":"Qwen3VLVideoProcessor"}']);
  const policy = await loadPolicy({
    files: await changed(files => void files.set('video_preprocessor_config.json', video)),
  });
  const exported = await policy.exportModel();
  policy.dispose();
  expect(exported.get('video_preprocessor_config.json')).toEqual(await video.bytes());
  expect(exported.get('generation_config.json')).toEqual(await folder.get('generation_config.json')!.bytes());
});

describe('a folder that cannot be loaded', () => {
  test.each(['config.json', 'model.safetensors', 'tokenizer.json', 'chat_template.jinja'])(
    'without %s names that file',
    async name => {
      const error = await failure(await changed(files => void files.delete(name)));
      expect(error.code).toBe('file-missing');
      expect(error.message).toContain(name);
    },
  );

  test('of another family is refused by name, with what is supported', async () => {
    const error = await failure(await changed(files => editConfig(files, { model_type: 'lfm3' })));
    expect(error.code).toBe('family-unsupported');
    expect(error.message).toMatch(/"lfm3".*lfm2 .*, lfm2_vl .*, qwen3_vl /);
  });

  test('whose config.json is no JSON says so', async () => {
    const files = await changed(all => void all.set('config.json', new Blob(['{'])));
    expect((await failure(files)).code).toBe('file-not-json');
  });

  test('whose tokenizer.json is of an unknown kind says so', async () => {
    const files = await changed(
      all => void all.set('tokenizer.json', new Blob(['{"model":{"type":"Mystery"}}'])),
    );
    expect((await failure(files)).code).toBe('tokenizer-invalid');
  });

  test('whose weights end early says so', async () => {
    const files = await changed(all => {
      const weights = all.get('model.safetensors')!;
      all.set('model.safetensors', weights.slice(0, weights.size - 100));
    });
    expect((await failure(files)).code).toBe('tensor-out-of-range');
  });

  test('with a NaN among its weights names tensor and element', async () => {
    const name = 'model.layers.0.feed_forward.w1.weight';
    const files = await changed(all => editWeights(all, tensors => (tensors.get(name)!.values[7] = NaN)));
    const error = await failure(files);
    expect(error.code).toBe('tensor-not-finite');
    expect(error.message).toMatch(/feed_forward\.w1\.weight holds NaN at element 7/);
  });

  test('with a matrix of whole numbers says what weights may be', async () => {
    const name = 'model.layers.0.feed_forward.w1.weight';
    // Four bytes each, as F32: nothing else of the file is wrong.
    const bytes = await folder.get('model.safetensors')!.bytes();
    const header = new TextDecoder('latin1').decode(bytes.subarray(0, 20_000));
    const at = header.indexOf('F32', header.indexOf(`"${name}"`));
    bytes.set(new TextEncoder().encode('I32'), at);
    const files = await changed(all => void all.set('model.safetensors', new Blob([bytes])));
    const error = await failure(files);
    expect(error.code).toBe('dtype-unsupported');
    expect(error.message).toMatch(/feed_forward\.w1\.weight is I32; .*Save the model/);
  });

  test('whose image processor is another model’s says so', async () => {
    const files = await fixtureFiles('lfm2_vl');
    const processor = JSON.parse(await files.get('processor_config.json')!.text()) as {
      image_processor: Record<string, unknown>;
    };
    processor.image_processor.encoder_patch_size = 8;
    files.set('processor_config.json', new Blob([JSON.stringify(processor)]));
    const error = await failure(files);
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(/patches of 8 and joins 2×2; config\.json says 16/);
  });

  test('that lacks a tensor names it', async () => {
    const name = 'model.layers.3.ffn_norm.weight';
    const files = await changed(all => editWeights(all, tensors => void tensors.delete(name)));
    const error = await failure(files);
    expect(error.code).toBe('tensor-missing');
    expect(error.message).toContain(name);
  });

  test('whose shapes differ from config.json names the tensor and both shapes', async () => {
    const files = await changed(all => editConfig(all, { intermediate_size: 300 }));
    const error = await failure(files);
    expect(error.code).toBe('tensor-shape');
    expect(error.message).toMatch(/w1\.weight has shape \[112, 64\].*\[208, 64\]/);
  });
});

describe('a folder below a URL', () => {
  test('loads, and reports its progress by file', async () => {
    const seen = new Map<string, number>();
    const policy = await loadPolicy({ url: '/tests/fixtures/lfm2' }, (loaded, _, file) =>
      seen.set(file, loaded),
    );
    expect(seen.get('model.safetensors')).toBe(folder.get('model.safetensors')!.size);
    policy.dispose();
  });

  test('that is not there is missing its config.json', async () => {
    const loading = loadPolicy({ url: '/tests/fixtures/absent' });
    await expect(loading).rejects.toMatchObject({ code: 'file-missing' });
    await expect(loading).rejects.toThrow(/config\.json is missing from \/tests\/fixtures\/absent/);
  });

  test('on a host that cannot be reached says so', async () => {
    const loading = loadPolicy({ url: 'http://127.0.0.1:9/model' });
    await expect(loading).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});

describe('weights in shards', () => {
  async function sharded(): Promise<Files> {
    return changed(async files => {
      const tensors = [...(await tensorsOf(files.get('model.safetensors')!))];
      files.delete('model.safetensors');
      const weightMap: Record<string, string> = {};
      [tensors.slice(0, 20), tensors.slice(20)].forEach((part, index) => {
        const name = `model-0000${index + 1}-of-00002.safetensors`;
        files.set(name, new Blob([writeSafetensors(new Map(part))]));
        for (const [tensor] of part) weightMap[tensor] = name;
      });
      files.set('model.safetensors.index.json', new Blob([JSON.stringify({ weight_map: weightMap })]));
    });
  }

  test('load as the single file does', async () => {
    const [one, two] = [await loadPolicy({ files: folder }), await loadPolicy({ files: await sharded() })];
    expect(await readTensor(two.head as tf.Tensor)).toEqual(await readTensor(one.head as tf.Tensor));
    expect(two.info).toEqual(one.info);
    one.dispose();
    two.dispose();
  });

  test.each(['model-00002-of-00002.safetensors', 'model.safetensors.index.json'])(
    'name %s when it is missing, and say what to do',
    async name => {
      const files = await sharded();
      files.delete(name);
      const error = await failure(files);
      expect(error.code).toBe('file-missing');
      expect(error.message.startsWith(`${name} is missing`)).toBe(true);
      expect(error.message).toMatch(/download it from the model’s repository/);
    },
  );
});

test.each(['lfm2_vl', 'qwen3_vl'])('%s sees images with packed weights much as without', async name => {
  const files = await fixtureFiles(name);
  const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 37) % 256);
  const features = async (format: WeightFormat): Promise<Float32Array> => {
    const policy = await loadPolicy({ files }, undefined, format);
    const chat = [{ role: 'user' as const, content: [{ type: 'image' as const }] }];
    const prompt = policy.prepare(chat, [{ width: 64, height: 48, channels: 3, data }]);
    const rows = policy.hidden([{ prompt, completion: Int32Array.of(40, 50) }]);
    const values = (await readTensor(rows)) as Float32Array;
    rows.dispose();
    policy.dispose();
    return values;
  };
  const [whole, packed] = [await features('f32'), await features('int8')];
  // The final norm makes these of size 1; 8-bit weights of a tiny model move them by some hundredths.
  expect(maxError(packed, whole)).toBeGreaterThan(0);
  expect(maxError(packed, whole)).toBeLessThan(0.3);
});

describe('a policy from scratch', () => {
  test('is the same for the same seed and another for another', async () => {
    const files = await fixtureFiles('lfm2_vl');
    const config = JSON.parse(await files.get('config.json')!.text()) as Record<string, unknown>;
    const heads = [];
    for (const seed of [1, 1, 2]) {
      const policy = await initPolicy(config, files, seed);
      heads.push(await readTensor(policy.head as tf.Tensor));
      policy.dispose();
    }
    expect(heads[1]).toEqual(heads[0]);
    expect(heads[2]).not.toEqual(heads[0]);
  });

  test('has matrices of the configured spread, and its export loads again', async () => {
    const files = await fixtureFiles('lfm2_vl');
    const config = JSON.parse(await files.get('config.json')!.text()) as Record<string, unknown>;
    const policy = await initPolicy(config, files, 3);
    const head = (await readTensor(policy.head as tf.Tensor)) as Float32Array;
    const deviation = Math.sqrt(head.reduce((sum, value) => sum + value * value, 0) / head.length);
    expect(deviation).toBeCloseTo(0.02, 3);
    const exported = await policy.exportModel();
    const again = await loadPolicy({
      files: new Map(
        [...exported].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]),
      ),
    });
    expect(await readTensor(again.head as tf.Tensor)).toEqual(head);
    expect(again.info).toEqual(policy.info);
    policy.dispose();
    again.dispose();
  });
});
