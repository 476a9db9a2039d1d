/** The vision-language family `qwen3_vl`. */
import { ModelFormatError } from '../errors.ts';
import type { Family } from '../family.ts';
import { preparePrompt, type ProcessedImage } from '../images/prompt.ts';
import { ImageEncoder } from '../language-model/image-encoder.ts';
import { LanguagePolicy } from '../language-model/policy.ts';
import type { Pixels } from '../policy.ts';
import { readQwen3VlConfig } from './config.ts';
import { qwenPatches, readQwenImageConfig } from './image-processor.ts';
import { Qwen3LanguageModel } from './language-model.ts';
import { QWEN3_LINEARS, textSpecs, VISION, visionSpecs } from './parameters.ts';
import { Qwen3VisionTower, referenceImages } from './vision.ts';

const IMAGE_TOKEN = '<|image_pad|>';

/** Whether a token is an image or video placeholder or marker. */
const isImageMarker = (token: string): boolean =>
  /^<\|(image_pad|video_pad|vision_(start|end|pad))\|>$/.test(token);

export const qwen3Vl: Family = {
  modelType: 'qwen3_vl',
  models: 'Qwen3-VL, dense',
  describe(config) {
    const model = readQwen3VlConfig(config);
    const imageTokenId = config.has('image_token_id') ? config.number('image_token_id') : undefined;
    return {
      specs: [...textSpecs(model.text), ...visionSpecs(model.vision)],
      initializerRange: model.text.initializerRange,
      canonical: name => (name === 'lm_head.weight' || name.startsWith('model.') ? name : `model.${name}`),
      async build(parts) {
        const images = await readQwenImageConfig(parts.folder);
        const { patchSize, mergeSize } = model.vision;
        if (images.patchSize !== patchSize || images.mergeSize !== mergeSize)
          throw new ModelFormatError('config-invalid', {
            message:
              `The image processor cuts patches of ${images.patchSize} and merges ${images.mergeSize}×${images.mergeSize}; ` +
              `config.json says ${patchSize} and ${mergeSize}×${mergeSize}. Take both from the same model.`,
          });
        const placeholderId = parts.tokenizer.idOf(IMAGE_TOKEN);
        if (placeholderId === undefined || (imageTokenId ?? placeholderId) !== placeholderId)
          throw new ModelFormatError('tokenizer-invalid', {
            message: `tokenizer.json gives ${IMAGE_TOKEN} the id ${placeholderId}, config.json's image_token_id is ${imageTokenId}. Take both from the same model.`,
          });
        const tower = new Qwen3VisionTower(model.vision, images);
        const encoder = new ImageEncoder(tower);
        const process = (image: Pixels): ProcessedImage => {
          const patches = qwenPatches(image, images);
          return { patches: [patches], text: IMAGE_TOKEN.repeat(tower.tokens(patches)) };
        };
        return new LanguagePolicy({
          ...parts,
          family: 'qwen3_vl',
          model: new Qwen3LanguageModel(model.text, placeholderId, image => tower.grid(image)),
          vision: {
            placeholderId,
            prepare: (messages, pixels, render) =>
              preparePrompt(messages, pixels, render, { token: IMAGE_TOKEN, process }, parts.tokenizer),
            tokens: image => tower.tokens(image),
            encode: (patches, view, frozen) => encoder.encode(patches, view, frozen),
            referenceImages: (...pixels) => referenceImages(images, ...pixels),
            clear: () => encoder.clear(),
          },
          bannedIds: parts.unusedRows(model.text.vocabularySize, isImageMarker),
          defaultTargets: `.*language_model.*\\.(${QWEN3_LINEARS.join('|')})`,
          isVision: path => path.startsWith(VISION),
        });
      },
    };
  },
};
