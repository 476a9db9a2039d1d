/** Compares one GRPO loss and its gradient into a LoRA adapter with the reference. */
import * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../../gpu/index.ts';
import { tokenLogProbs } from '../../gpu/ops/index.ts';
import type { Policy, Sequence } from '../policy.ts';
import { SafetensorsFile } from '../safetensors/read.ts';
import { usePixelsOf } from './case.ts';
import { file, maxError, type Files, type ReferenceCase } from './reference.ts';
import type { ParityRow } from './report.ts';

interface GrpoSettings {
  loss: number;
  advantages: number[];
  beta: number;
  epsilon: number;
  epsilon_high: number;
  num_items_in_batch: number;
  case_of_sequence: number[];
}

const FILE = 'grpo.safetensors';

/** Imports the folder's adapter into `policy` and leaves it there. */
export async function compareGrpo(
  policy: Policy,
  files: Files,
  cases: ReferenceCase[],
): Promise<Omit<ParityRow, 'backend'>> {
  const settings = JSON.parse(await file(files, 'grpo.json').text()) as GrpoSettings;
  const reference = await SafetensorsFile.open(file(files, FILE), FILE);
  const adapter = [...files].filter(([path]) => path.startsWith('adapter/'));
  await policy.importAdapter(new Map(adapter.map(([path, blob]) => [path.slice('adapter/'.length), blob])));

  const sequences: Sequence[] = [];
  for (const [index, which] of settings.case_of_sequence.entries()) {
    const prompt = policy.prepare(cases[which].messages, cases[which].images);
    if (prompt.images.length > 0) await usePixelsOf(cases[which], policy, prompt);
    sequences.push({ prompt, completion: await reference.readInts(`seq${index}.completion_ids`) });
  }
  const joined = async (name: string): Promise<Float32Array> => {
    const parts: number[] = [];
    for (const index of sequences.keys()) parts.push(...(await reference.read(`seq${index}.${name}`)));
    return Float32Array.from(parts);
  };
  const [logps, oldLogps, refLogps] = [
    await joined('logps'),
    await joined('old_logps'),
    await joined('ref_logps'),
  ];

  const score = (adapter: boolean): tf.Tensor1D => {
    const targets = tf.tensor1d(
      sequences.flatMap(({ completion }) => [...completion]),
      'int32',
    );
    return tokenLogProbs(policy.hidden(sequences, { adapter }), policy.head, targets, 1).logps;
  };
  const ourReference = tf.tidy(() => score(false));
  const advantages = sequences.flatMap(({ completion }, index) =>
    Array.from(completion, () => settings.advantages[index]),
  );
  let ours: tf.Tensor1D | undefined;
  const { value, grads } = tf.variableGrads(
    () => {
      const scored = score(true);
      ours = tf.keep(tf.clone(scored));
      return grpoLoss(scored, oldLogps, ourReference, advantages, settings);
    },
    policy.trainable().map(({ variable }) => variable),
  );
  const row: Omit<ParityRow, 'backend'> = {
    name: 'grpo',
    errors: {
      logps: Math.max(
        maxError(await readTensor(ours!), logps),
        maxError(await readTensor(ourReference), refLogps),
      ),
      loss: Math.abs((await readTensor(value))[0] - settings.loss),
    },
    equal: {},
    notes: [],
  };
  const { worst, notes } = await compareGradients(policy, grads, reference);
  row.errors.gradients = worst;
  row.notes.push(...notes);
  tf.dispose([ours!, ourReference, value, ...Object.values(grads)]);
  return row;
}

/** The clipped surrogate with the k3 estimate of the divergence from the reference, summed over tokens. */
function grpoLoss(
  logps: tf.Tensor1D,
  oldLogps: Float32Array,
  refLogps: tf.Tensor1D,
  advantages: number[],
  { beta, epsilon, epsilon_high: epsilonHigh, num_items_in_batch: items }: GrpoSettings,
): tf.Scalar {
  const ratio = tf.exp(tf.sub(logps, tf.tensor1d(oldLogps)));
  const advantage = tf.tensor1d(advantages);
  const clipped = tf.clipByValue(ratio, 1 - epsilon, 1 + epsilonHigh);
  const surrogate = tf.minimum(tf.mul(ratio, advantage), tf.mul(clipped, advantage));
  const difference = tf.sub(refLogps, logps);
  const divergence = tf.sub(tf.sub(tf.exp(difference), difference), 1);
  return tf.div(tf.sum(tf.sub(tf.mul(divergence, beta), surrogate)), items) as tf.Scalar;
}

/** Worst relative error in norm over the parameters, and parameters that only one side has a gradient for. */
async function compareGradients(
  policy: Policy,
  grads: tf.NamedTensorMap,
  reference: SafetensorsFile,
): Promise<{ worst: number; notes: string[] }> {
  const notes: string[] = [];
  const expected = new Map(
    reference
      .names()
      .filter(name => name.startsWith('grad.'))
      .map(name => [name.slice('grad.'.length).replace(/\.default\.weight$/, '.weight'), name]),
  );
  let worst = 0;
  for (const { name, variable } of policy.trainable()) {
    const gradient = grads[variable.name];
    const ours = gradient ? await readTensor(gradient) : new Float32Array(variable.size);
    const key = expected.get(name);
    expected.delete(name);
    if (key === undefined) {
      if (ours.some(element => element !== 0)) notes.push(`${name} has a gradient, but should have none`);
      continue;
    }
    const theirs = await reference.read(key);
    let [difference, norm] = [0, 0];
    for (let i = 0; i < theirs.length; i++) {
      difference += (ours[i] - theirs[i]) ** 2;
      norm += theirs[i] ** 2;
    }
    const relative = norm > 0 ? Math.sqrt(difference / norm) : Math.sqrt(difference);
    if (!(relative <= worst)) worst = relative;
  }
  for (const name of expected.keys()) notes.push(`${name} has no gradient here`);
  return { worst, notes };
}
