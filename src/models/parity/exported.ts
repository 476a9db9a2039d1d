/** What a model and LoRA adapters of ours look like outside: folders to be opened with PEFT and transformers, and what they must give. */
import * as tf from '@tensorflow/tfjs-core';
import { hashKey, normalArray } from '../../gpu/random.ts';
import { readTensor } from '../../gpu/index.ts';
import { tokenLogProbs } from '../../gpu/ops/index.ts';
import { loadPolicy } from '../load.ts';
import type { ModelExportOptions, Policy, TrainableSpec } from '../policy.ts';
import { usePixelsOf } from './case.ts';
import { readCases, type Files, type ReferenceCase } from './reference.ts';

/** Small enough that the tiny models of the fixtures have several shards. */
const SHARD_BYTES = 300_000;

/** Adapters with a B drawn at random: on the layers that are trained by default, and on every layer that can be. */
const FRESH: Record<string, TrainableSpec> = {
  adapter: { kind: 'lora', r: 3, alpha: 6, targets: null, useRslora: true, seed: 1 },
  'adapter-everywhere': { kind: 'lora', r: 2, alpha: 3, targets: 'all-linear', useRslora: false, seed: 2 },
};

/** Whole folders, by their names: the adapter that is merged into them, and how they are written. */
const MERGED: Record<string, [adapter: string, options: ModelExportOptions]> = {
  merged: ['adapter', { shardBytes: SHARD_BYTES }],
  'merged-bf16': ['adapter', { dtype: 'BF16', shardBytes: SHARD_BYTES }],
  'merged-f16': ['adapter', { dtype: 'F16' }],
  'merged-everywhere': ['adapter-everywhere', {}],
};

const COMPLETION = Int32Array.from({ length: 8 }, (_, i) => 40 + 17 * i);

/**
 * Exports of the fresh adapters, alone and merged, and of the folder's own adapter (`adapter-again`) after it was imported.
 * `check.json` holds, by folder, the log-probabilities of a completion of case 0: of a merged folder those after it was loaded again,
 * so that its rounding does not count.
 * @returns bytes in base64, by path
 */
export async function exportForPython(files: Files): Promise<Record<string, string>> {
  const [reference] = await readCases(files);
  const exported = new Map<string, Uint8Array>();
  const logps: Record<string, number[]> = {};
  const add = (folder: string, contents: Map<string, Uint8Array>): void =>
    contents.forEach((bytes, path) => exported.set(`${folder}/${path}`, bytes));

  const policy = await loadPolicy({ files });
  try {
    for (const [name, spec] of Object.entries(FRESH)) {
      policy.setTrainable(spec);
      randomizeB(policy);
      logps[name] = await score(policy, reference);
      add(name, await policy.exportAdapter('base'));
      for (const [folder, [adapter, options]] of Object.entries(MERGED)) {
        if (adapter !== name) continue;
        const contents = await policy.exportModel(options);
        add(folder, contents);
        logps[folder] = await scoreFolder(contents, reference);
      }
    }
    const own = [...files].filter(([path]) => path.startsWith('adapter/'));
    if (own.length > 0) {
      await policy.importAdapter(new Map(own.map(([path, blob]) => [path.slice('adapter/'.length), blob])));
      logps['adapter-again'] = await score(policy, reference);
      add('adapter-again', await policy.exportAdapter('base'));
    }
  } finally {
    policy.dispose();
  }
  const check = JSON.stringify({ completion: [...COMPLETION], logps });
  exported.set('check.json', new TextEncoder().encode(check));
  return Object.fromEntries([...exported].map(([path, bytes]) => [path, toBase64(bytes)]));
}

function randomizeB(policy: Policy): void {
  for (const { name, variable } of policy.trainable())
    if (name.includes('lora_B'))
      tf.tidy(() =>
        variable.assign(tf.tensor(normalArray(hashKey(1, name), variable.size, 0, 0.1), variable.shape)),
      );
}

async function scoreFolder(contents: Map<string, Uint8Array>, reference: ReferenceCase): Promise<number[]> {
  const files = new Map(
    [...contents].map(([path, bytes]) => [path, new Blob([bytes as Uint8Array<ArrayBuffer>])]),
  );
  const policy = await loadPolicy({ files });
  try {
    return await score(policy, reference);
  } finally {
    policy.dispose();
  }
}

async function score(policy: Policy, reference: ReferenceCase): Promise<number[]> {
  const prompt = policy.prepare(reference.messages, reference.images);
  if (prompt.images.length > 0) await usePixelsOf(reference, policy, prompt);
  const scored = tf.tidy(() => {
    const hidden = policy.hidden([{ prompt, completion: COMPLETION }]);
    return tokenLogProbs(hidden, policy.head, tf.tensor1d(COMPLETION, 'int32'), 1).logps;
  });
  const values = Array.from(await readTensor(scored));
  scored.dispose();
  return values;
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
