/** Names and shapes of the LFM2 backbone's weights. */
import { linearSpecs, rmsNormSpec, tokenTableSpec, type ParameterSpec } from '../parameter-spec.ts';
import type { Lfm2Config } from './config.ts';

/** Linear layers of the backbone, by the last part of their names: what LoRA targets by default. */
export const LFM2_LINEARS = ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'in_proj', 'w1', 'w2', 'w3'];

/** @param prefix  `model.` for a text model, `model.language_model.` inside LFM2-VL */
export function lfm2Specs(config: Lfm2Config, prefix: string): ParameterSpec[] {
  const { hiddenSize: size } = config;
  return [
    tokenTableSpec(`${prefix}embed_tokens.weight`, config),
    ...config.layers.flatMap((kind, index) => {
      const layer = `${prefix}layers.${index}.`;
      return [
        rmsNormSpec(`${layer}operator_norm`, size),
        ...(kind === 'conv'
          ? convSpecs(config, `${layer}conv.`)
          : attentionSpecs(config, `${layer}self_attn.`)),
        rmsNormSpec(`${layer}ffn_norm`, size),
        ...mlpSpecs(config, `${layer}feed_forward.`),
      ];
    }),
    rmsNormSpec(`${prefix}embedding_norm`, size),
    ...(config.tied ? [] : [tokenTableSpec('lm_head.weight', config)]),
  ];
}

function attentionSpecs(
  { hiddenSize: size, heads, keyValueHeads, headSize }: Lfm2Config,
  path: string,
): ParameterSpec[] {
  const plain = { bias: false, vision: false };
  return [
    ...linearSpecs(`${path}q_proj`, heads * headSize, size, plain),
    ...linearSpecs(`${path}k_proj`, keyValueHeads * headSize, size, plain),
    ...linearSpecs(`${path}v_proj`, keyValueHeads * headSize, size, plain),
    ...linearSpecs(`${path}out_proj`, size, heads * headSize, plain),
    rmsNormSpec(`${path}q_layernorm`, headSize),
    rmsNormSpec(`${path}k_layernorm`, headSize),
  ];
}

function convSpecs({ hiddenSize: size, kernelSize, convBias }: Lfm2Config, path: string): ParameterSpec[] {
  const options = { bias: convBias, vision: false };
  return [
    ...linearSpecs(`${path}in_proj`, 3 * size, size, options),
    { name: `${path}conv.weight`, shape: [size, 1, kernelSize], init: 'normal', vision: false },
    ...(convBias
      ? [{ name: `${path}conv.bias`, shape: [size], init: 'zeros', vision: false } satisfies ParameterSpec]
      : []),
    ...linearSpecs(`${path}out_proj`, size, size, options),
  ];
}

function mlpSpecs({ hiddenSize: size, mlpSize }: Lfm2Config, path: string): ParameterSpec[] {
  const plain = { bias: false, vision: false };
  return [
    ...linearSpecs(`${path}w1`, mlpSize, size, plain),
    ...linearSpecs(`${path}w3`, mlpSize, size, plain),
    ...linearSpecs(`${path}w2`, size, mlpSize, plain),
  ];
}
