/**
 * The mean of several policies' weights, as a start. Where a policy was trained further in two ways, or from too few pages,
 * the mean keeps what it could before and most of what each has learned since ("model soups", arXiv 2203.05482;
 * docs/learning.md has what it did here).
 */
import { SafetensorsFile } from '../../src/models/safetensors/read.ts';
import { writeSafetensors, type TensorData } from '../../src/models/safetensors/write.ts';
import type { Base64Files } from '../../src/session/headless.ts';

const WEIGHTS = 'model.safetensors';

/** What decides whether weights mean the same: sizes, and which text a token stands for. */
const SAME = ['config.json', 'tokenizer.json'];

/** A number format is no difference, and neither is a field that only another version writes. */
const IGNORED = ['dtype', 'torch_dtype', 'transformers_version', 'vision_use_head'];

/**
 * The first folder with the mean of all folders' weights, float32.
 *
 * @param folders  by their names for messages; one that comes twice counts twice
 * @throws {Error} when one has no weights, or another architecture or tokenizer
 */
export async function meanFolder(folders: readonly (readonly [string, Base64Files])[]): Promise<Base64Files> {
  const [[firstName, first]] = folders;
  if (folders.length === 1) return first;
  const sums = new Map<string, TensorData>();
  for (const [name, folder] of folders) {
    for (const file of SAME)
      if (canonical(folder[file]) !== canonical(first[file]))
        throw new Error(
          `${name} has another ${file} than ${firstName}. A mean takes policies that were trained from the same one.`,
        );
    if (!(WEIGHTS in folder))
      throw new Error(`${name} has no ${WEIGHTS}, so there is nothing to take a mean of.`);
    const weights = await SafetensorsFile.open(new Blob([Buffer.from(folder[WEIGHTS], 'base64')]), name);
    const names = weights.names();
    if (sums.size > 0 && (names.length !== sums.size || !names.every(tensor => sums.has(tensor))))
      throw new Error(`${name} has other tensors than ${firstName}.`);
    for (const tensor of names) {
      const { shape } = weights.entry(tensor);
      const values = await weights.read(tensor);
      const sum = sums.get(tensor);
      if (!sum) sums.set(tensor, { shape, values: values.map(value => value / folders.length) });
      else if (sum.shape.join() !== shape.join())
        throw new Error(
          `${name}: ${tensor} is [${shape.join(', ')}], in ${firstName} [${sum.shape.join(', ')}].`,
        );
      else for (let i = 0; i < values.length; i++) sum.values[i] += values[i] / folders.length;
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
