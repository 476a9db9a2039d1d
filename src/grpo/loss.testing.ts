/** TRL's recorded losses as our inputs. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import fixture from '../../tests/fixtures/trl_loss/losses.json' with { type: 'json' };
import type { LossConfig, Normalizer } from './losses/loss.ts';
import { evaluateLoss, recordedInputs, type LossInputs } from './recorded/compare.ts';
import { readRecordedFile, readSettings, type RecordedFile } from './recorded/file.ts';
import { Rows } from './rows.ts';

export const RECORDED = readRecordedFile(fixture);

/** The recorded rows under some setting, with the padding left out as the trainer leaves it out; of rows `chosen` only, if given. */
export function unpadded(settings: Record<string, unknown>, chosen?: number[]): LossInputs {
  const file = chosen ? rowsOf(RECORDED, chosen) : RECORDED;
  const inputs = recordedInputs(file, readSettings(settings), '1.10.0');
  const kept = file.completion_mask.flat().flatMap((mask, i) => (mask === 1 ? i : []));
  const take = <T extends object>(values: T): T =>
    Float32Array.from(kept, i => (values as Float32Array)[i]) as T;
  const { batch } = inputs;
  const rows = new Rows(
    Int32Array.from(kept, i => batch.rows.rowOf[i]),
    take(batch.rows.mask),
    batch.rows.count,
  );
  return {
    ...inputs,
    logps: take(inputs.logps),
    entropies: take(inputs.entropies),
    batch: {
      ...batch,
      rows,
      oldLogps: batch.oldLogps && take(batch.oldLogps),
      refLogps: batch.refLogps && take(batch.refLogps),
      samplingRatio: batch.samplingRatio && take(batch.samplingRatio),
      keep: batch.keep && take(batch.keep),
    },
  };
}

export function totalsOf(rows: Rows): Normalizer {
  const tokens = rows.lossTokens;
  return { rows: rows.count, tokens, generationTokens: tokens, entropyTokens: tokens };
}

/** `evaluateLoss` with some of the inputs replaced. */
export function evaluate(
  inputs: LossInputs,
  change: { config?: Partial<LossConfig>; normalizer?: Normalizer },
) {
  return evaluateLoss({ ...inputs, ...change, config: { ...inputs.config, ...change.config } });
}

function rowsOf(file: RecordedFile, chosen: number[]): RecordedFile {
  const rows = file.logps.length;
  return Object.fromEntries(
    Object.entries(file).map(([name, value]) => [
      name,
      Array.isArray(value) && value.length === rows && name !== 'results'
        ? chosen.map(row => value[row])
        : value,
    ]),
  ) as RecordedFile;
}
