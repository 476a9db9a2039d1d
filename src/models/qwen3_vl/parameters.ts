/** Names and shapes of Qwen3-VL's weights. */
import {
  layerNormSpecs,
  linearSpecs,
  rmsNormSpec,
  tokenTableSpec,
  type ParameterSpec,
} from '../parameter-spec.ts';
import type { Qwen3TextConfig, Qwen3VisionConfig } from './config.ts';

export const TEXT = 'model.language_model.';
export const VISION = 'model.visual.';

/** Linear layers of the language model, by the last part of their names: what LoRA targets by default. */
export const QWEN3_LINEARS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

export function textSpecs(config: Qwen3TextConfig): ParameterSpec[] {
  const { hiddenSize: size, mlpSize, heads, keyValueHeads, headSize } = config;
  const attention = { bias: config.attentionBias, vision: false };
  const plain = { bias: false, vision: false };
  return [
    tokenTableSpec(`${TEXT}embed_tokens.weight`, config),
    ...config.layers.flatMap((_, index) => {
      const layer = `${TEXT}layers.${index}.`;
      return [
        rmsNormSpec(`${layer}input_layernorm`, size),
        ...linearSpecs(`${layer}self_attn.q_proj`, heads * headSize, size, attention),
        ...linearSpecs(`${layer}self_attn.k_proj`, keyValueHeads * headSize, size, attention),
        ...linearSpecs(`${layer}self_attn.v_proj`, keyValueHeads * headSize, size, attention),
        ...linearSpecs(`${layer}self_attn.o_proj`, size, heads * headSize, attention),
        rmsNormSpec(`${layer}self_attn.q_norm`, headSize),
        rmsNormSpec(`${layer}self_attn.k_norm`, headSize),
        rmsNormSpec(`${layer}post_attention_layernorm`, size),
        ...linearSpecs(`${layer}mlp.gate_proj`, mlpSize, size, plain),
        ...linearSpecs(`${layer}mlp.up_proj`, mlpSize, size, plain),
        ...linearSpecs(`${layer}mlp.down_proj`, size, mlpSize, plain),
      ];
    }),
    rmsNormSpec(`${TEXT}norm`, size),
    ...(config.tied ? [] : [tokenTableSpec('lm_head.weight', config)]),
  ];
}

export function visionSpecs(config: Qwen3VisionConfig): ParameterSpec[] {
  const { hiddenSize: size, mlpSize, patchSize, channels, temporalPatchSize } = config;
  const biased = { bias: true, vision: true };
  const merged = size * config.mergeSize ** 2;
  const merger = (path: string, normSize: number): ParameterSpec[] => [
    ...layerNormSpecs(`${path}norm`, normSize, true),
    ...linearSpecs(`${path}linear_fc1`, merged, merged, biased),
    ...linearSpecs(`${path}linear_fc2`, config.outputSize, merged, biased),
  ];
  return [
    {
      name: `${VISION}patch_embed.proj.weight`,
      shape: [size, channels, temporalPatchSize, patchSize, patchSize],
      init: 'normal',
      vision: true,
    },
    { name: `${VISION}patch_embed.proj.bias`, shape: [size], init: 'zeros', vision: true },
    {
      name: `${VISION}pos_embed.weight`,
      shape: [config.positionSide ** 2, size],
      init: 'normal',
      vision: true,
      positions: true,
    },
    ...Array.from({ length: config.layers }, (_, index) => `${VISION}blocks.${index}.`).flatMap(block => [
      ...layerNormSpecs(`${block}norm1`, size, true),
      ...linearSpecs(`${block}attn.qkv`, 3 * size, size, biased),
      ...linearSpecs(`${block}attn.proj`, size, size, biased),
      ...layerNormSpecs(`${block}norm2`, size, true),
      ...linearSpecs(`${block}mlp.linear_fc1`, mlpSize, size, biased),
      ...linearSpecs(`${block}mlp.linear_fc2`, size, mlpSize, biased),
    ]),
    ...merger(`${VISION}merger.`, size),
    ...config.deepstackBlocks.flatMap((_, index) =>
      merger(`${VISION}deepstack_merger_list.${index}.`, merged),
    ),
  ];
}
