/** The text-only family `lfm2`. */
import type { Family } from '../family.ts';
import { LanguagePolicy } from '../language-model/policy.ts';
import { readLfm2Config } from './config.ts';
import { PREFILL_TOKENS } from './decode/prefill.ts';
import { Lfm2LanguageModel } from './language-model.ts';
import { LFM2_LINEARS, lfm2Specs } from './parameters.ts';

const PREFIX = 'model.';

export const lfm2: Family = {
  modelType: 'lfm2',
  models: 'LFM2 and LFM2.5 dense text models',
  describe(config) {
    const text = readLfm2Config(config);
    return {
      specs: lfm2Specs(text, PREFIX),
      initializerRange: text.initializerRange,
      canonical: name => (name.startsWith(PREFIX) || name === 'lm_head.weight' ? name : PREFIX + name),
      prefillTokens: PREFILL_TOKENS,
      async build(parts) {
        return new LanguagePolicy({
          ...parts,
          family: 'lfm2',
          model: new Lfm2LanguageModel(text, PREFIX),
          vision: null,
          bannedIds: parts.unusedRows(text.vocabularySize),
          defaultTargets: `.*\\.(${LFM2_LINEARS.join('|')})`,
          isVision: () => false,
        });
      },
    };
  },
};
