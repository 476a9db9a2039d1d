/** Compares a policy with the reference on one chat: tokens, pixels, image features, logits, log-probabilities, greedy decoding. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../../gpu/index.ts';
import { timesTransposed, tokenLogProbs } from '../../gpu/ops/index.ts';
import { LanguagePolicy } from '../language-model/policy.ts';
import type { Policy, Prompt } from '../policy.ts';
import { maxError, type ReferenceCase } from './reference.ts';
import type { ParityRow } from './report.ts';

/** @param policy  without an adapter */
export async function compareCase(
  policy: Policy,
  reference: ReferenceCase,
): Promise<Omit<ParityRow, 'backend'>> {
  const { tensors } = reference;
  const prompt = policy.prepare(reference.messages, reference.images);
  const notes = prompt.text === reference.rendered ? [] : ['the rendered chat differs'];
  const ids = await tensors.readInts('input_ids');
  const row = {
    name: reference.name,
    errors: {} as ParityRow['errors'],
    equal: { ids: prompt.ids.join() === ids.join() } as ParityRow['equal'],
    notes,
  };
  if (!row.equal.ids) return row;
  if (prompt.images.length > 0) {
    row.errors.pixels = await usePixelsOf(reference, policy, prompt);
    row.errors.features = await featureError(policy, prompt, reference);
  }
  const logits = await tensors.read('logits');
  const ours = await allLogits(policy, prompt);
  row.errors.logits = maxError(ours.logits, logits);
  row.errors.logps = maxError(ours.logps, nextTokenLogProbs(logits, ids));
  const expected = await tensors.readInts('greedy_completion');
  row.equal.greedy = (await decodeGreedily(policy, prompt, expected.length)).join() === expected.join();
  return row;
}

/**
 * Compares the processor's pixels with the reference's, and puts the reference's in their place: a reference may have resized
 * with Pillow, a grey level off, and everything after the pixels should be held to float32 rounding.
 * @returns the largest error in grey levels; Infinity where sizes differ
 */
export async function usePixelsOf(
  { tensors }: ReferenceCase,
  policy: Policy,
  prompt: Prompt,
): Promise<number> {
  if (!(policy instanceof LanguagePolicy)) return Infinity;
  const grids = tensors.has('image_grid_thw') ? 'image_grid_thw' : 'spatial_shapes';
  const theirs = policy.referenceImages(
    await tensors.read('pixel_values'),
    tensors.entry('pixel_values').shape,
    await tensors.readInts(grids),
  );
  if (theirs.length !== prompt.images.length) return Infinity;
  let worst = 0;
  prompt.images = prompt.images.map((image, index) => {
    const { rows, columns, levels } = theirs[index];
    const same = rows === image.rows && columns === image.columns;
    worst = Math.max(worst, same ? maxError(image.bytes, levels) : Infinity);
    const key = `${tensors.fileName} image ${index}`;
    return { rows, columns, bytes: Uint8Array.from(levels, Math.round), key };
  });
  return worst;
}

async function featureError(policy: Policy, prompt: Prompt, { tensors }: ReferenceCase): Promise<number> {
  if (!(policy instanceof LanguagePolicy)) return Infinity;
  const features = policy.imageFeatures(prompt.images);
  const values = await readTensor(features);
  features.dispose();
  return maxError(values, await tensors.read('image_features'));
}

/** Logits at every token, and log-probabilities of every token after the first. */
async function allLogits(
  policy: Policy,
  prompt: Prompt,
): Promise<{ logits: ArrayLike<number>; logps: ArrayLike<number> }> {
  const { ids } = prompt;
  const [logits, logps] = tf.tidy(() => {
    // One more token makes the last prompt token's prediction part of what is asked for.
    const hidden = policy.hidden([{ prompt, completion: Int32Array.of(policy.tokenizer.padId) }], {
      positions: 'all',
    });
    const known = tf.slice(hidden, [0, 0], [ids.length - 1, hidden.shape[1]]);
    const targets = tf.tensor1d(ids.slice(1), 'int32');
    return [timesTransposed(hidden, policy.head), tokenLogProbs(known, policy.head, targets, 1).logps];
  });
  const values = { logits: await readTensor(logits), logps: await readTensor(logps) };
  tf.dispose([logits, logps]);
  return values;
}

/** In float64, from the reference's logits. */
function nextTokenLogProbs(logits: Float32Array, ids: Int32Array): Float64Array {
  const size = logits.length / ids.length;
  return Float64Array.from({ length: ids.length - 1 }, (_, position) => {
    const row = logits.subarray(position * size, (position + 1) * size);
    const top = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, logit) => total + Math.exp(logit - top), 0);
    return row[ids[position + 1]] - top - Math.log(sum);
  });
}

/** The likeliest token again and again, through the decoding caches. */
export async function decodeGreedily(policy: Policy, prompt: Prompt, length: number): Promise<number[]> {
  const state = policy.prefill([prompt], length);
  const completion: number[] = [];
  for (;;) {
    const logits = tf.tidy(() => timesTransposed(state.hidden, policy.head));
    const values = await readTensor(logits);
    logits.dispose();
    let best = 0;
    for (let id = 1; id < values.length; id++) if (values[id] > values[best]) best = id;
    completion.push(best);
    if (completion.length === length) break;
    await state.step(Int32Array.of(completion.at(-1)!));
  }
  state.dispose();
  return completion;
}
