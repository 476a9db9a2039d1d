/** The vision-language family `lfm2_vl`. */
import { ModelFormatError } from '../errors.ts';
import type { Family } from '../family.ts';
import { preparePrompt } from '../images/prompt.ts';
import { ImageEncoder } from '../language-model/image-encoder.ts';
import { LanguagePolicy } from '../language-model/policy.ts';
import { PREFILL_TOKENS } from '../lfm2/decode/prefill.ts';
import { Lfm2LanguageModel } from '../lfm2/language-model.ts';
import { LFM2_LINEARS, lfm2Specs } from '../lfm2/parameters.ts';
import { siglip2Specs } from '../siglip2/parameters.ts';
import type { Pixels } from '../policy.ts';
import { projectorSpecs, readLfm2VlConfig } from './config.ts';
import { readImageConfig } from './image-config.ts';
import { IMAGE_TOKEN, isImageMarker, processImage } from './image-processor.ts';
import { Lfm2VlTower, PROJECTOR, referenceImages, TOWER } from './vision.ts';

const TEXT = 'model.language_model.';

/**
 * Names as the current transformers writes them. Hub files have a `vision_model.` segment in the tower, first releases had
 * `language_model.model.`, and some repositories lack the leading `model.`.
 */
export function canonicalVlName(name: string): string {
  const short = name.replace(/^model\./, '');
  if (/^(language_model\.)?lm_head\.weight$/.test(short)) return 'lm_head.weight';
  return `model.${short.replace(/^language_model\.model\./, 'language_model.').replace(/^vision_tower\.vision_model\./, 'vision_tower.')}`;
}

export const lfm2Vl: Family = {
  modelType: 'lfm2_vl',
  models: 'LFM2-VL and LFM2.5-VL',
  describe(config) {
    const model = readLfm2VlConfig(config);
    return {
      specs: [
        ...lfm2Specs(model.text, TEXT),
        ...siglip2Specs(model.vision, TOWER),
        ...projectorSpecs(model, PROJECTOR),
      ],
      initializerRange: model.text.initializerRange,
      canonical: canonicalVlName,
      prefillTokens: PREFILL_TOKENS,
      async build(parts) {
        const images = await readImageConfig(parts.folder);
        const { patchSize } = model.vision;
        const { downsampleFactor } = model.projector;
        if (images.patchSize !== patchSize || images.downsampleFactor !== downsampleFactor)
          throw new ModelFormatError('config-invalid', {
            message:
              `The image processor cuts patches of ${images.patchSize} and joins ${images.downsampleFactor}×${images.downsampleFactor}; ` +
              `config.json says ${patchSize} and ${downsampleFactor}×${downsampleFactor}. Take both from the same model.`,
          });
        const tower = new Lfm2VlTower(model, images);
        const encoder = new ImageEncoder(tower);
        const writing = { token: IMAGE_TOKEN, process: (image: Pixels) => processImage(image, images) };
        const placeholderId = parts.tokenizer.idOf(IMAGE_TOKEN);
        if (placeholderId === undefined || (model.imageTokenId ?? placeholderId) !== placeholderId)
          throw new ModelFormatError('tokenizer-invalid', {
            message: `tokenizer.json gives ${IMAGE_TOKEN} the id ${placeholderId}, config.json's image_token_id is ${model.imageTokenId}. Take both from the same model.`,
          });
        return new LanguagePolicy({
          ...parts,
          family: 'lfm2_vl',
          model: new Lfm2LanguageModel(model.text, TEXT),
          vision: {
            placeholderId,
            prepare: (messages, pixels, render) =>
              preparePrompt(messages, pixels, render, writing, parts.tokenizer),
            tokens: image => tower.tokens(image),
            encode: (patches, view, frozen) => encoder.encode(patches, view, frozen),
            referenceImages: (...pixels) => referenceImages(images, ...pixels),
            clear: () => encoder.clear(),
          },
          bannedIds: parts.unusedRows(model.text.vocabularySize, isImageMarker),
          defaultTargets: `.*language_model.*\\.(${LFM2_LINEARS.join('|')})`,
          isVision: path => path.startsWith(TOWER) || path.startsWith(PROJECTOR),
        });
      },
    };
  },
};
