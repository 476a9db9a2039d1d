import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from './load.ts';
import { maxError } from './parity/reference.ts';
import { testPolicy, type TestPolicy } from './policy.testing.ts';
import type { Policy } from './policy.ts';
import { SafetensorsFile } from './safetensors/read.ts';
import { writeSafetensors, type TensorData } from './safetensors/write.ts';

const asBlobs = (files: Map<string, Uint8Array>): Map<string, Blob> =>
  new Map([...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));

describe.each(['wasm', 'webgpu'] as const)('what a policy on %s exports', backend => {
  let files: TestPolicy['files'];
  let policy: Policy;
  let hidden: TestPolicy['hidden'];
  let withAdapter: TestPolicy['withAdapter'];

  beforeAll(async () => {
    ({ files, policy, hidden, withAdapter } = await testPolicy(backend));
  });

  afterAll(() => policy.dispose());

  test('an exported adapter has PEFT’s own bytes for names and values, and loads again', async () => {
    const adapted = await withAdapter();
    const exported = asBlobs(await adapted.exportAdapter('base'));
    const theirs = await SafetensorsFile.open(files.get('adapter/adapter_model.safetensors')!, 'theirs');
    const ours = await SafetensorsFile.open(exported.get('adapter_model.safetensors')!, 'ours');
    expect(ours.names().sort()).toEqual(theirs.names().sort());
    for (const name of ours.names()) expect(await ours.read(name)).toEqual(await theirs.read(name));
    const again = await loadPolicy({ files });
    await again.importAdapter(exported);
    expect(maxError(await hidden(again), await hidden(adapted))).toBe(0);
    again.dispose();
    adapted.dispose();
  });

  test('an adapter with the names of an older transformers is written with those of the current one', async () => {
    const current = await SafetensorsFile.open(files.get('adapter/adapter_model.safetensors')!, 'current');
    const older = new Map<string, TensorData>();
    for (const name of current.names().filter(each => !each.includes('.head.')))
      older.set(name.replace('vision_tower.', 'vision_tower.vision_model.'), {
        shape: current.entry(name).shape,
        values: await current.read(name),
      });
    const other = await loadPolicy({ files });
    const settings = JSON.parse(await files.get('adapter/adapter_config.json')!.text()) as object;
    const load = (fields: Record<string, unknown>): Promise<void> =>
      other.importAdapter(
        new Map([
          ['adapter_config.json', new Blob([JSON.stringify({ ...settings, ...fields })])],
          ['adapter_model.safetensors', new Blob([writeSafetensors(older)])],
        ]),
      );
    const written = async (): Promise<string[]> =>
      (
        await SafetensorsFile.open(
          asBlobs(await other.exportAdapter('base')).get('adapter_model.safetensors')!,
          'written',
        )
      ).names();
    await load({});
    expect((await written()).sort()).toEqual(
      current
        .names()
        .filter(name => !name.includes('.head.'))
        .sort(),
    );
    // A pattern that finds these layers by their older names alone: all have rank 4, the configuration says 3.
    await load({ r: 3, rank_pattern: { '.*vision_model.*': 4, '.*language_model.*': 4 } });
    expect((await written()).sort()).toEqual([...older.keys()].sort());
    other.dispose();
  });

  test('an adapter of every layer names its layers, so that PEFT adapts no other', async () => {
    const other = await loadPolicy({ files });
    other.setTrainable({ kind: 'lora', r: 1, alpha: 1, targets: '.*', useRslora: false, seed: 1 });
    const exported = asBlobs(await other.exportAdapter('base'));
    const { target_modules: targets } = JSON.parse(await exported.get('adapter_config.json')!.text()) as {
      target_modules: string[];
    };
    const ours = await SafetensorsFile.open(exported.get('adapter_model.safetensors')!, 'ours');
    expect(ours.names().sort()).toEqual(
      targets.flatMap(path => ['A', 'B'].map(m => `base_model.model.${path}.lora_${m}.weight`)).sort(),
    );
    expect(targets).toContain('model.multi_modal_projector.linear_1');
    // SigLIP2's pooling head is in the file, and in PEFT's eyes.
    other.setTrainable({ kind: 'lora', r: 1, alpha: 1, targets: ['fc1'], useRslora: false, seed: 1 });
    const config = JSON.parse(
      await asBlobs(await other.exportAdapter('base'))
        .get('adapter_config.json')!
        .text(),
    ) as { target_modules: string[] };
    expect(config.target_modules).toEqual(
      [0, 1, 2].map(layer => `model.vision_tower.encoder.layers.${layer}.mlp.fc1`),
    );
    other.dispose();
  });

  test('merging the adapter into an exported model gives the adapter’s forward pass', async () => {
    const adapted = await withAdapter();
    const folder = asBlobs(await adapted.exportModel());
    const merged = await loadPolicy({ files: folder });
    expect(maxError(await hidden(merged), await hidden(adapted))).toBeLessThan(1e-4);
    const names = (await SafetensorsFile.open(folder.get('model.safetensors')!, 'merged')).names();
    const original = await SafetensorsFile.open(files.get('model.safetensors')!, 'original');
    expect(names.sort()).toEqual(original.names().sort());
    merged.dispose();

    const shards = await adapted.exportModel({ dtype: 'BF16', shardBytes: 100_000 });
    const index = JSON.parse(new TextDecoder().decode(shards.get('model.safetensors.index.json')));
    expect(Object.keys(index.weight_map).sort()).toEqual(names);
    expect(new Set(Object.values(index.weight_map)).size).toBeGreaterThan(5);
    const halved = await loadPolicy({ files: asBlobs(shards) });
    // Eight bits of mantissa, through six layers.
    expect(maxError(await hidden(halved), await hidden(adapted))).toBeLessThan(0.1);
    halved.dispose();
    adapted.dispose();
  });
});
