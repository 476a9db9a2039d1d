import { beforeAll, describe, expect, test } from 'vitest';
import { readTensor } from '../../gpu/index.ts';
import { startBackend } from '../../gpu/start.ts';
import { ModelFormatError } from '../errors.ts';
import { fixtureFiles } from '../fixture-files.ts';
import { loadPolicy } from '../load.ts';
import { violations } from '../parity/report.ts';
import { compareFolder } from '../parity/run.ts';
import type { Policy } from '../policy.ts';
import { SafetensorsFile } from '../safetensors/read.ts';
import { modelConfig } from './config.ts';
import { GgufFile } from './file.ts';
import type { GgufValue } from './header.ts';
import { tokenizerJson } from './tokenizer.ts';
import { GgufWeights } from './weights.ts';

interface TokenizerJson {
  model: { vocab: Record<string, number> };
  added_tokens: { content: string; id: number; special: boolean }[];
}

const TEXT = 'lfm2_vl-Q8_0.gguf';
const VISION = 'mmproj-lfm2_vl-F16.gguf';
let fixtures: Map<string, Blob>;
let original: Map<string, Blob>;

beforeAll(async () => {
  await startBackend('wasm');
  fixtures = await fixtureFiles('gguf');
  original = await fixtureFiles('lfm2_vl');
});

const some = (...names: string[]): Map<string, Blob> =>
  new Map(names.map(name => [name, fixtures.get(name)!]));

test('every type is decoded to the bit as gguf-py does', async () => {
  const file = await GgufFile.open(fixtures.get('blocks.gguf')!, 'blocks.gguf');
  const expected = await SafetensorsFile.open(fixtures.get('blocks.safetensors')!, 'blocks.safetensors');
  expect([...file.tensors.keys()].sort()).toEqual(expected.names().sort());
  for (const name of expected.names()) {
    expect(file.tensors.get(name)!.shape, name).toEqual(expected.entry(name).shape);
    expect(await file.read(name), name).toEqual(await expected.read(name));
  }
});

describe('a language model with its vision part', () => {
  test('has the tensors of the folder that it was made from, as near as its precision', async () => {
    const weights = new GgufWeights(
      await GgufFile.open(fixtures.get(TEXT)!, TEXT),
      await GgufFile.open(fixtures.get(VISION)!, VISION),
    );
    const folder = await SafetensorsFile.open(original.get('model.safetensors')!, 'model.safetensors');
    const used = folder.names().filter(name => !name.includes('.head.'));
    expect(weights.names().sort()).toEqual(used.sort());
    for (const name of used) {
      expect(weights.shape(name), name).toEqual(folder.entry(name).shape);
      const [ours, theirs] = [await weights.read(name), await folder.read(name)];
      const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // Half a step of Q8_0, whose scale is itself rounded to float16.
      const tolerance = largest * (0.5 / 127 + 2 ** -10);
      expect(
        ours.every((value, i) => Math.abs(value - theirs[i]) <= tolerance),
        name,
      ).toBe(true);
    }
  });

  test('is a policy of its own: same prompt, and logits as near as its precision', async () => {
    // A GGUF file does not say how many tokens an image may take: the folder's own settings beside it do.
    const withProcessor = some(TEXT, VISION);
    withProcessor.set('processor_config.json', original.get('processor_config.json')!);
    const [ours, theirs] = [
      await loadPolicy({ files: withProcessor }),
      await loadPolicy({ files: original }),
    ];
    expect(ours.info).toEqual(theirs.info);
    const data = Uint8Array.from({ length: 64 * 96 * 3 }, (_, i) => (i * 37) % 256);
    const image = { width: 64, height: 96, channels: 3 as const, data };
    const prompts = [ours, theirs].map(policy =>
      policy.prepare(
        [
          {
            role: 'user',
            content: [
              { type: 'image' },
              { type: 'text', text: "Click 'OK', then it's 123 — done.\n\n  bye" },
            ],
          },
        ],
        [image],
      ),
    );
    expect(prompts[0].ids).toEqual(prompts[1].ids);
    expect(prompts[0].text).toBe(prompts[1].text);
    expect(ours.tokenizer.eosIds).toEqual(theirs.tokenizer.eosIds);
    // What is exported says to transformers what it would else take from LFM2-VL's first generation.
    const config = JSON.parse(
      new TextDecoder().decode((await ours.exportModel()).get('config.json')),
    ) as Record<string, unknown>;
    const { architectures, image_token_id } = JSON.parse(await original.get('config.json')!.text()) as Record<
      string,
      unknown
    >;
    expect(config).toMatchObject({
      architectures,
      image_token_id,
      vision_config: { vision_use_head: false },
    });
    const [a, b] = await Promise.all([hidden(ours), hidden(theirs)]);
    const difference = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
    // The final norm makes these of size 1; 8-bit weights of a tiny model move them by some hundredths.
    expect(difference).toBeLessThan(0.2);
    ours.dispose();
    theirs.dispose();

    async function hidden(policy: Policy): Promise<Float32Array> {
      const completion = Int32Array.from([20, 30, 40]);
      const state = policy.hidden([{ prompt: prompts[0], completion }]);
      return (await readTensor(state)) as Float32Array;
    }
  });

  test('has the vocabulary that the folder has, added tokens among it', async () => {
    const made = tokenizerJson(await GgufFile.open(fixtures.get(TEXT)!, TEXT)) as unknown as TokenizerJson;
    const theirs = JSON.parse(await original.get('tokenizer.json')!.text()) as TokenizerJson;
    // Python's tokenizers give an added token that the vocabulary lacks another id than the file says.
    expect(made.model.vocab).toEqual(theirs.model.vocab);
    const ids = ({ added_tokens }: TokenizerJson): unknown =>
      added_tokens.map(({ content, id, special }) => ({ content, id, special }));
    expect(ids(made)).toEqual(ids(theirs));
  });

  test('without the vision part is a text model', async () => {
    const policy = await loadPolicy({ files: some(TEXT) });
    expect(policy.info).toMatchObject({ family: 'lfm2', hasVision: false });
    policy.dispose();
  });
});

describe('a language model with a head of its own (output.weight)', () => {
  const UNTIED = ['untied/several-BF16.gguf', 'untied/mmproj-several-BF16.gguf'];

  test('and its vision part compute what transformers did with the folder that they were made from', async () => {
    const folder = await fixtureFiles('lfm2_vl_several');
    const files = some(...UNTIED);
    // All but config.json and the weights: the cases, and what a GGUF file does not say.
    for (const [path, blob] of folder) if (!/^(config\.json|model.*)$/.test(path)) files.set(path, blob);
    const rows = await compareFolder(files);
    expect(rows.flatMap(violations)).toEqual([]);
    expect(rows.map(({ name }) => name)).toEqual(['case 0', 'case 1', 'case 2', 'grpo']);
  });

  test('keep it in an exported folder, not the table of embeddings in its place', async () => {
    const policy = await loadPolicy({ files: some(...UNTIED) });
    const exported = await policy.exportModel();
    policy.dispose();
    const config = JSON.parse(new TextDecoder().decode(exported.get('config.json'))) as object;
    expect(config).toMatchObject({
      tie_word_embeddings: false,
      text_config: { tie_word_embeddings: false },
    });
    const blob = new Blob([exported.get('model.safetensors') as Uint8Array<ArrayBuffer>]);
    const weights = await SafetensorsFile.open(blob, 'model.safetensors');
    const file = await GgufFile.open(fixtures.get(UNTIED[0])!, UNTIED[0]);
    const head = await file.read('output.weight');
    expect(head).not.toEqual(await file.read('token_embd.weight'));
    expect(await weights.read('lm_head.weight')).toEqual(head);
  });
});

describe('files that are refused', () => {
  async function failure(files: Map<string, Blob>): Promise<ModelFormatError> {
    const result = await loadPolicy({ files }).catch((error: unknown) => error);
    expect(result).toBeInstanceOf(ModelFormatError);
    return result as ModelFormatError;
  }
  const changed = async (
    change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  ): Promise<Map<string, Blob>> =>
    new Map([[TEXT, new Blob([change(new Uint8Array(await fixtures.get(TEXT)!.arrayBuffer()))])]]);

  test('one that ends early', async () => {
    const error = await failure(await changed(bytes => bytes.slice(0, -1000)));
    expect(error.code).toBe('gguf-truncated');
    expect(error.message).toMatch(/needs bytes \d+–\d+, but the file ends at/);
  });

  test('no GGUF file, and one of an older or a big-endian version', async () => {
    expect((await failure(await changed(() => new Uint8Array(100)))).message).toContain(
      'does not begin with "GGUF"',
    );
    const versioned = await changed(bytes => (bytes.set([1, 0, 0, 0], 4), bytes));
    expect((await failure(versioned)).code).toBe('gguf-unsupported');
  });

  test('two models at once', async () => {
    const both = some(TEXT);
    both.set('other.gguf', fixtures.get(TEXT)!);
    const error = await failure(both);
    expect(error.code).toBe('model-ambiguous');
    expect(error.message).toContain('other.gguf');
  });

  test('another architecture, by name', async () => {
    // "lfm2" is also the prefix of every key; the first one is the value of general.architecture.
    const files = await changed(bytes => {
      const at = new TextDecoder('latin1').decode(bytes).indexOf('lfm2');
      bytes.set(new TextEncoder().encode('qwen'), at);
      return bytes;
    });
    const error = await failure(files);
    expect(error.code).toBe('family-unsupported');
    expect(error.message).toMatch(/qwen.*lfm2/);
  });

  test('a vision part of another model', async () => {
    const files = some(TEXT);
    files.set(VISION, fixtures.get('blocks.gguf')!);
    expect((await failure(files)).code).toBe('family-unsupported');
  });
});

describe('values that a file may have besides', () => {
  async function configWith(key: string, value: GgufValue): Promise<Record<string, unknown>> {
    const file = await GgufFile.open(fixtures.get(TEXT)!, TEXT);
    (file.values as Map<string, GgufValue>).set(key, value);
    return modelConfig(file, null);
  }

  test('heads of a size of their own', async () => {
    expect(await configWith('lfm2.attention.key_length', 32)).toMatchObject({ head_dim: 32 });
  });

  test.each<[string, GgufValue]>([
    ['lfm2.rope.scaling.type', 'yarn'],
    ['lfm2.attention.sliding_window', 64],
    ['lfm2.attention.causal', false],
  ])('%s as %j is refused by name', async (key, value) => {
    await expect(configWith(key, value)).rejects.toThrow(key);
    await expect(configWith(key, value)).rejects.toThrow(
      expect.objectContaining({ code: 'gguf-unsupported' }),
    );
  });
});

test('config.json says what the file says', async () => {
  const text = await GgufFile.open(fixtures.get(TEXT)!, TEXT);
  const vision = await GgufFile.open(fixtures.get(VISION)!, VISION);
  const theirs = JSON.parse(await original.get('config.json')!.text()) as Record<
    string,
    Record<string, unknown>
  >;
  const ours = modelConfig(text, vision) as typeof theirs;
  for (const key of [
    'hidden_size',
    'layer_types',
    'num_key_value_heads',
    'norm_eps',
    'vocab_size',
    'conv_L_cache',
  ])
    expect(ours.text_config[key], key).toEqual(theirs.text_config[key]);
  for (const key of Object.keys(ours.vision_config))
    expect(ours.vision_config[key], key).toEqual(theirs.vision_config[key]);
  for (const key of [
    'projector_hidden_size',
    'projector_use_layernorm',
    'projector_bias',
    'downsample_factor',
  ])
    expect(ours[key], key).toEqual(theirs[key]);
});
