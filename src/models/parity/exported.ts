/** What a model and a LoRA adapter of ours look like outside: files to be opened with PEFT and transformers, and what they must give. */
import * as tf from '@tensorflow/tfjs-core';
import { hashKey, normalArray } from '../../gpu/random.ts';
import { readTensor } from '../../gpu/index.ts';
import { tokenLogProbs } from '../../gpu/ops/index.ts';
import { loadPolicy } from '../load.ts';
import { usePixelsOf } from './case.ts';
import { readCases, type Files } from './reference.ts';

/** Small enough that the tiny models of the fixtures have several shards. */
const SHARD_BYTES = 300_000;

/**
 * A fresh rsLoRA adapter on the default targets, its B drawn at random, exported as an adapter, merged in float32 shards, and merged
 * in BF16; `check.json` holds the log-probabilities of a completion of case 0.
 * @returns bytes in base64, by path
 */
export async function exportForPython(files: Files): Promise<Record<string, string>> {
  const policy = await loadPolicy({ files });
  try {
    policy.setTrainable({ kind: 'lora', r: 3, alpha: 6, targets: null, useRslora: true, seed: 1 });
    for (const { name, variable } of policy.trainable())
      if (name.includes('lora_B'))
        tf.tidy(() =>
          variable.assign(tf.tensor(normalArray(hashKey(1, name), variable.size, 0, 0.1), variable.shape)),
        );
    const [reference] = await readCases(files);
    const prompt = policy.prepare(reference.messages, reference.images);
    if (prompt.images.length > 0) await usePixelsOf(reference, policy, prompt);
    const completion = Int32Array.from({ length: 8 }, (_, i) => 40 + 17 * i);
    const scored = tf.tidy(() => {
      const hidden = policy.hidden([{ prompt, completion }]);
      return tokenLogProbs(hidden, policy.head, tf.tensor1d(completion, 'int32'), 1).logps;
    });
    const logps = Array.from(await readTensor(scored));
    scored.dispose();
    const folders = {
      adapter: await policy.exportAdapter('base'),
      merged: await policy.exportModel({ shardBytes: SHARD_BYTES }),
      'merged-bf16': await policy.exportModel({ dtype: 'BF16' }),
    };
    const check = new TextEncoder().encode(JSON.stringify({ completion: [...completion], logps }));
    return Object.fromEntries([
      ['check.json', toBase64(check)],
      ...Object.entries(folders).flatMap(([folder, exported]) =>
        [...exported].map(([path, bytes]) => [`${folder}/${path}`, toBase64(bytes)]),
      ),
    ]) as Record<string, string>;
  } finally {
    policy.dispose();
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
