/**
 * A weighted sum of several policies' weights, as a start. Where a policy was trained further in two ways, or from too few
 * pages, the mean keeps what it could before and most of what each has learned since ("model soups", arXiv 2203.05482), and
 * what a further training changed can be added in part ("task vectors", arXiv 2212.04089): P*1,B*0.8,A*-0.8 is P with 0.8 of
 * what led from A to B. docs/learning.md has what that did here.
 */
import { SafetensorsFile } from '../../src/models/safetensors/read.ts';
import { writeSafetensors, type TensorData } from '../../src/models/safetensors/write.ts';
import type { Base64Files } from '../../src/session/headless.ts';
import { UsageError } from '../options.ts';

const WEIGHTS = 'model.safetensors';

/** What decides whether weights mean the same: sizes, and which text a token stands for. */
const SAME = ['config.json', 'tokenizer.json'];

/** A number format is no difference, and neither is a field that only another version writes. */
const IGNORED = ['dtype', 'torch_dtype', 'transformers_version', 'vision_use_head'];

export interface Part {
  name: string;
  share: number;
}

/**
 * Reads `DIR*0.2,DIR*0.8`; folders without a share have equal ones.
 * @throws {UsageError} where only some have a share, or the shares do not add up to 1
 */
export function readParts(text: string): Part[] {
  const parts = text.split(',').map(part => {
    const [, name, share] = /^(.*?)(?:\*(-?\d*\.?\d+))?$/.exec(part)!;
    return { name, share: share === undefined ? undefined : Number(share) };
  });
  if (parts.every(({ share }) => share === undefined))
    return parts.map(({ name }) => ({ name, share: 1 / parts.length }));
  const sum = parts.reduce((total, { share }) => total + (share ?? NaN), 0);
  if (!(Math.abs(sum - 1) < 1e-9))
    throw new UsageError(
      `--from ${text}: give every folder a share, and shares that add up to 1, such as a*0.4,b*0.6, or none of them.`,
    );
  return parts.map(({ name, share }) => ({ name, share: share! }));
}

/**
 * The first folder with the sum of all folders' weights times their shares, float32.
 * @throws {Error} when one has no weights, or another architecture or tokenizer
 */
export async function sumFolders(
  parts: readonly Part[],
  read: (name: string) => Base64Files,
): Promise<Base64Files> {
  const [{ name: firstName }] = parts;
  const first = read(firstName);
  if (parts.length === 1) return first;
  const sums = new Map<string, TensorData>();
  for (const { name, share } of parts) {
    const folder = read(name);
    for (const file of SAME)
      if (canonical(folder[file]) !== canonical(first[file]))
        throw new Error(
          `${name} has another ${file} than ${firstName}. Only policies that were trained from the same one can be added.`,
        );
    if (!(WEIGHTS in folder)) throw new Error(`${name} has no ${WEIGHTS}, so there is nothing to add.`);
    const weights = await SafetensorsFile.open(new Blob([Buffer.from(folder[WEIGHTS], 'base64')]), name);
    const names = weights.names();
    if (sums.size > 0 && (names.length !== sums.size || !names.every(tensor => sums.has(tensor))))
      throw new Error(`${name} has other tensors than ${firstName}.`);
    for (const tensor of names) {
      const { shape } = weights.entry(tensor);
      const values = await weights.read(tensor);
      const sum = sums.get(tensor) ?? { shape, values: new Float32Array(values.length) };
      if (sum.shape.join() !== shape.join())
        throw new Error(
          `${name}: ${tensor} is [${shape.join(', ')}], in ${firstName} [${sum.shape.join(', ')}].`,
        );
      for (let i = 0; i < values.length; i++) sum.values[i] += share * values[i];
      sums.set(tensor, sum);
    }
  }
  return { ...first, [WEIGHTS]: Buffer.from(writeSafetensors(sums)).toString('base64') };
}

function canonical(base64: string | undefined): string {
  if (base64 === undefined) return '';
  return JSON.stringify(JSON.parse(Buffer.from(base64, 'base64').toString()), (key, value: unknown) =>
    IGNORED.includes(key) ? undefined : value,
  );
}
