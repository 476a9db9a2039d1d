/** llama.cpp's tensor names for lfm2 and its vision part, as transformers writes them. */

/** A tensor as the model wants it. */
export interface Renamed {
  name: string;
  shape: number[];
  /** The patch embedding is stored channel first and wanted channel last. */
  channelsLast?: { channels: number; height: number; width: number };
}

const TEXT: Record<string, string> = {
  token_embd: 'embed_tokens',
  token_embd_norm: 'embedding_norm',
  attn_norm: 'operator_norm',
  ffn_norm: 'ffn_norm',
  ffn_gate: 'feed_forward.w1',
  ffn_up: 'feed_forward.w3',
  ffn_down: 'feed_forward.w2',
  'shortconv.in_proj': 'conv.in_proj',
  'shortconv.conv': 'conv.conv',
  'shortconv.out_proj': 'conv.out_proj',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.out_proj',
  attn_q_norm: 'self_attn.q_layernorm',
  attn_k_norm: 'self_attn.k_layernorm',
};

const TOWER: Record<string, string> = {
  patch_embd: 'embeddings.patch_embedding',
  position_embd: 'embeddings.position_embedding',
  post_ln: 'post_layernorm',
  ln1: 'layer_norm1',
  ln2: 'layer_norm2',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_out: 'self_attn.out_proj',
  ffn_up: 'mlp.fc1',
  ffn_down: 'mlp.fc2',
};

const PROJECTOR: Record<string, string> = {
  input_norm: 'layer_norm',
  // Ollama's name.
  layer_norm: 'layer_norm',
  '1': 'linear_1',
  '2': 'linear_2',
};

/** @param prefix  `model.` or, with a vision part, `model.language_model.` @returns undefined for what no LFM2 has */
export function textTensor(name: string, shape: number[], prefix: string): Renamed | undefined {
  if (name === 'output.weight') return { name: 'lm_head.weight', shape };
  const [, layer, part, kind] = /^(?:blk\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
  const renamed = TEXT[part];
  if (!renamed) return undefined;
  const path = layer === undefined ? renamed : `layers.${layer}.${renamed}`;
  // PyTorch's depthwise kernel keeps a dimension for its one input channel.
  const whole = part === 'shortconv.conv' && kind === 'weight' ? [shape[0], 1, shape.at(-1)!] : shape;
  return { name: `${prefix}${path}.${kind}`, shape: whole };
}

export function visionTensor(name: string, shape: number[]): Renamed | undefined {
  const [, projector] = /^mm\.(.+)\.(?:weight|bias)$/.exec(name) ?? [];
  const kind = name.slice(name.lastIndexOf('.') + 1);
  if (projector !== undefined) {
    const renamed = PROJECTOR[projector];
    return renamed ? { name: `model.multi_modal_projector.${renamed}.${kind}`, shape } : undefined;
  }
  const [, layer, part] = /^v\.(?:blk\.(\d+)\.)?(.+)\.(?:weight|bias)$/.exec(name) ?? [];
  const renamed = TOWER[part];
  if (!renamed) return undefined;
  const path = layer === undefined ? renamed : `encoder.layers.${layer}.${renamed}`;
  const full = `model.vision_tower.${path}.${kind}`;
  if (part !== 'patch_embd' || shape.length !== 4) return { name: full, shape };
  const [output, channels, height, width] = shape;
  return {
    name: full,
    shape: [output, channels * height * width],
    channelsLast: { channels, height, width },
  };
}
