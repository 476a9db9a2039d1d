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
