/** Every supported model family. */
import { ModelFormatError } from './errors.ts';
import type { Family } from './family.ts';
import { lfm2 } from './lfm2/family.ts';
import { lfm2Vl } from './lfm2_vl/family.ts';
import { qwen3Vl } from './qwen3_vl/family.ts';

const FAMILIES: readonly Family[] = [lfm2, lfm2Vl, qwen3Vl];

/** @throws {ModelFormatError} family-unsupported, with what is supported */
export function findFamily(modelType: unknown): Family {
  const family = FAMILIES.find(candidate => candidate.modelType === modelType);
  if (family) return family;
  throw new ModelFormatError('family-unsupported', {
    message:
      `config.json: model_type ${JSON.stringify(modelType) ?? '(absent)'} is not supported. ` +
      `Supported families: ${FAMILIES.map(({ modelType: name, models }) => `${name} (${models})`).join(', ')}.`,
  });
}
