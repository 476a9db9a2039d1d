/** Names and shapes of the SigLIP2 tower's weights. */
import { layerNormSpecs, linearSpecs, type ParameterSpec } from '../parameter-spec.ts';
import type { Siglip2Config } from './config.ts';

/** @param prefix  ends with a dot */
export function siglip2Specs(config: Siglip2Config, prefix: string): ParameterSpec[] {
  const { hiddenSize: size, mlpSize, patchSize, channels, positionSide } = config;
  const biased = { bias: true, vision: true };
  const layers = Array.from({ length: config.layers }, (_, index) => `${prefix}encoder.layers.${index}.`);
  return [
    ...linearSpecs(`${prefix}embeddings.patch_embedding`, size, channels * patchSize ** 2, biased),
    {
      name: `${prefix}embeddings.position_embedding.weight`,
      shape: [positionSide ** 2, size],
      init: 'normal',
      vision: true,
      positions: true,
    },
    ...layers.flatMap(layer => [
      ...layerNormSpecs(`${layer}layer_norm1`, size, true),
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap(name =>
        linearSpecs(`${layer}self_attn.${name}`, size, size, biased),
      ),
      ...layerNormSpecs(`${layer}layer_norm2`, size, true),
      ...linearSpecs(`${layer}mlp.fc1`, mlpSize, size, biased),
      ...linearSpecs(`${layer}mlp.fc2`, size, mlpSize, biased),
    ]),
    ...layerNormSpecs(`${prefix}post_layernorm`, size, true),
  ];
}
