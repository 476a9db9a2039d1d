/** vision_config of a SigLIP2 NaFlex tower. */
import { MANY, type ConfigReader } from '../config-reader.ts';

export type Activation = 'gelu' | 'gelu_pytorch_tanh';

export interface Siglip2Config {
  hiddenSize: number;
  mlpSize: number;
  heads: number;
  layers: number;
  patchSize: number;
  channels: number;
  /** Side of the square table of position embeddings. */
  positionSide: number;
  layerNormEps: number;
  activation: Activation;
}

/** @throws {ModelFormatError} config-invalid, naming the field */
export function readSiglip2Config(config: ConfigReader): Siglip2Config {
  const kind = config.string('model_type', 'siglip2_vision_model');
  if (kind !== 'siglip2_vision_model') config.fail('model_type', kind, '"siglip2_vision_model"');
  const hiddenSize = config.count('hidden_size', 768);
  const heads = config.count('num_attention_heads', 12, MANY);
  if (hiddenSize % heads)
    config.fail('num_attention_heads', heads, `a divisor of hidden_size (${hiddenSize})`);
  const positions = config.count('num_patches', 256);
  const positionSide = Math.round(Math.sqrt(positions));
  if (positionSide ** 2 !== positions) config.fail('num_patches', positions, 'a square number');
  return {
    hiddenSize,
    mlpSize: config.count('intermediate_size', 3072),
    heads,
    layers: config.count('num_hidden_layers', 12, MANY),
    patchSize: config.count('patch_size', 16, MANY),
    channels: config.count('num_channels', 3, MANY),
    positionSide,
    layerNormEps: config.number('layer_norm_eps', 1e-6),
    activation: readActivation(config, 'hidden_act', 'gelu_pytorch_tanh'),
  };
}

/** An activation's name as transformers spells it. */
export function readActivation(config: ConfigReader, key: string, fallback: Activation): Activation {
  const name = config.string(key, fallback);
  if (name !== 'gelu' && name !== 'gelu_pytorch_tanh')
    config.fail(key, name, '"gelu" or "gelu_pytorch_tanh"');
  return name;
}
