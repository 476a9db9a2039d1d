/** The decode plan's view of the weights: GPU buffers with their format, and which matrices one kernel computes. */
import { gpuBackend, PackedWeight, type WeightFormat } from '../../../gpu/index.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';

export interface PlanMatrix {
  format: WeightFormat;
  rows: number;
  columns: number;
  /** Words, then the scales of integer formats. */
  buffers: GPUBuffer[];
}

export function planMatrix(view: WeightView, name: string): PlanMatrix {
  const held = view.matrix(name);
  const weight = held instanceof PackedWeight ? held : PackedWeight.ofTensor(held);
  return { format: weight.format, rows: weight.rows, columns: weight.columns, buffers: weight.buffers() };
}

export function planVector(view: WeightView, name: string): GPUBuffer {
  return gpuBackend()!.buf(view.get(name));
}

/** Whether a kernel binds scales beside the words of a matrix. */
export function hasScales(view: WeightView, layers: readonly LayerPaths[]): boolean {
  return layers
    .flatMap(kernelsOf)
    .flat()
    .some(path => planMatrix(view, `${path}.weight`).buffers.length > 1);
}

/** Every weight that a step reads; what tfjs has yet to upload is on its way afterwards. */
export function weightBuffers(
  view: WeightView,
  backbone: Lfm2Backbone,
  layers: readonly LayerPaths[],
): GPUBuffer[] {
  const vectors = layers.flatMap(({ kind, layer }) => [
    `${layer}operator_norm.weight`,
    `${layer}ffn_norm.weight`,
    ...(kind === 'conv'
      ? [`${layer}conv.conv.weight`]
      : ['q', 'k'].map(which => `${layer}self_attn.${which}_layernorm.weight`)),
  ]);
  const matrices = layers
    .flatMap(kernelsOf)
    .flat()
    .map(path => `${path}.weight`);
  return [
    ...[...vectors, finalGain(backbone)].map(name => planVector(view, name)),
    ...[...matrices, backbone.embeddingName, backbone.headName].flatMap(
      name => planMatrix(view, name).buffers,
    ),
  ];
}

/** Name of the weight of the norm before the head. */
export function finalGain(backbone: Lfm2Backbone): string {
  return `${backbone.prefix}embedding_norm.weight`;
}

/** Module paths of the matrices that each kernel of a layer computes. */
export interface LayerPaths {
  kind: 'conv' | 'full_attention';
  /** Ends with a dot. */
  layer: string;
  first: string[];
  mixed: string[];
  wide: string[];
  narrow: string[];
}

export function layerPaths(backbone: Lfm2Backbone): LayerPaths[] {
  return backbone.config.layers.map((kind, index) => {
    const layer = backbone.layerPath(index);
    const mixer = `${layer}${kind === 'conv' ? 'conv' : 'self_attn'}.`;
    const first = kind === 'conv' ? ['in_proj'] : ['q_proj', 'k_proj', 'v_proj'];
    return {
      kind,
      layer,
      first: first.map(name => mixer + name),
      mixed: [`${mixer}out_proj`],
      wide: [`${layer}feed_forward.w1`, `${layer}feed_forward.w3`],
      narrow: [`${layer}feed_forward.w2`],
    };
  });
}

/** The paths kernel by kernel. */
export function kernelsOf({ first, mixed, wide, narrow }: LayerPaths): string[][] {
  return [first, mixed, wide, narrow];
}
