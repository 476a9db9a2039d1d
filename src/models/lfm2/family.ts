/** The text-only family `lfm2`. */
import type { Family } from '../family.ts';
import { Lfm2Backbone } from './backbone.ts';
import { readLfm2Config } from './config.ts';
import { LFM2_LINEARS, lfm2Specs } from './parameters.ts';
import { Lfm2Policy } from './policy.ts';

const PREFIX = 'model.';

export const lfm2: Family = {
  modelType: 'lfm2',
  describe(config) {
    const text = readLfm2Config(config);
    return {
      specs: lfm2Specs(text, PREFIX),
      initializerRange: text.initializerRange,
      canonical: name => (name.startsWith(PREFIX) || name === 'lm_head.weight' ? name : PREFIX + name),
      async build(parts) {
        return new Lfm2Policy({
          ...parts,
          family: 'lfm2',
          backbone: new Lfm2Backbone(text, PREFIX),
          vision: null,
          bannedIds: parts.unusedRows(text.vocabularySize),
          defaultTargets: `.*\\.(${LFM2_LINEARS.join('|')})`,
          isVision: () => false,
        });
      },
    };
  },
};
