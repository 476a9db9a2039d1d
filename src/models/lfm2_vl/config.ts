/** config.json of an LFM2-VL model. */
import { MANY, type ConfigReader } from '../config-reader.ts';
import { readLfm2Config, type Lfm2Config } from '../lfm2/config.ts';
import { layerNormSpecs, linearSpecs, type ParameterSpec } from '../parameter-spec.ts';
import { readActivation, readSiglip2Config, type Activation, type Siglip2Config } from '../siglip2/config.ts';

export interface ProjectorConfig {
  hiddenSize: number;
  useLayerNorm: boolean;
  bias: boolean;
  activation: Activation;
  downsampleFactor: number;
}

export interface Lfm2VlConfig {
  text: Lfm2Config;
  vision: Siglip2Config;
  projector: ProjectorConfig;
  /** In config.json; the tokenizer's id of `<image>` must agree. */
  imageTokenId: number | undefined;
}

/** @throws {ModelFormatError} config-invalid, naming the field */
export function readLfm2VlConfig(config: ConfigReader): Lfm2VlConfig {
  const section = config.section('text_config');
  const family = section.string('model_type', 'lfm2');
  if (family !== 'lfm2') section.fail('model_type', family, '"lfm2"');
  const text = readLfm2Config(section);
  return {
    text: { ...text, tied: config.boolean(['tie_embedding', 'tie_word_embeddings'], text.tied) },
    vision: readSiglip2Config(config.section('vision_config')),
    projector: {
      hiddenSize: config.count('projector_hidden_size', 2560),
      useLayerNorm: config.boolean('projector_use_layernorm', true),
      bias: config.boolean('projector_bias', true),
      activation: readActivation(config, 'projector_hidden_act', 'gelu'),
      downsampleFactor: config.count('downsample_factor', 2, MANY),
    },
    imageTokenId: config.has('image_token_id') ? config.number('image_token_id') : undefined,
  };
}

/** @param prefix  ends with a dot */
export function projectorSpecs({ text, vision, projector }: Lfm2VlConfig, prefix: string): ParameterSpec[] {
  const input = vision.hiddenSize * projector.downsampleFactor ** 2;
  const options = { bias: projector.bias, vision: true };
  return [
    ...(projector.useLayerNorm ? layerNormSpecs(`${prefix}layer_norm`, input, true) : []),
    ...linearSpecs(`${prefix}linear_1`, projector.hiddenSize, input, options),
    ...linearSpecs(`${prefix}linear_2`, text.hiddenSize, projector.hiddenSize, options),
  ];
}
