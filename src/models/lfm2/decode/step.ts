/** The kernels of one decode step of an LFM2 model in their order, bound to the buffers that they read and write. */
import {
  ATTENTION_BINDINGS,
  embedBindings,
  embedWgsl,
  prepare,
  stepAttentionGroups,
  stepAttentionKey,
  stepAttentionWgsl,
  stepSampleBindings,
  stepSampleGroups,
  stepSampleKey,
  stepSampleWgsl,
  type Recorded,
  type StepLinear,
  type StepSample,
} from '../../../gpu/index.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import type { SequenceMemory } from './memory.ts';
import { prepareProjection, type Projection, type ProjectionParts, type Tile } from './projection.ts';
import { finalGain, planMatrix, planVector, type LayerPaths } from './weights.ts';

/** Which filters the sampler needs: each set is a kernel of its own. */
export type Filters = Pick<StepSample, 'topK' | 'topP' | 'minP' | 'penalty'>;

/** What a step reads and writes. */
export interface StepParts extends ProjectionParts {
  backbone: Lfm2Backbone;
  memory: SequenceMemory;
  layers: readonly LayerPaths[];
}

export interface PreparedStep {
  /** Looks the sequences' latest tokens up; the draw of a step does so for the next one. */
  lookUp: Recorded;
  /** All layers, the head, the draw. */
  step: Recorded[];
}

export function prepareStep(parts: StepParts, tile: Tile, filters: Filters): PreparedStep {
  const project = (projection: Projection): Recorded[] => prepareProjection(parts, projection, tile);
  const layers = parts.layers.flatMap((paths, index) => layerKernels(parts, paths, index, project));
  const { backbone, buffers, memory, view } = parts;
  const head = project({
    paths: [backbone.headName.replace(/\.weight$/, '')],
    input: normed(parts),
    x: memory.x,
    y: buffers.activations.logits,
    extra: { gain: planVector(view, finalGain(backbone)) },
  });
  const { lookUp, draw } = tokenKernels(parts, filters);
  return { lookUp, step: [...layers, ...head, draw] };
}

function normed({ backbone }: StepParts): StepLinear['input'] {
  return { kind: 'norm', eps: backbone.config.normEps };
}

/** The mixer and the MLP of a layer, both on the residual stream. */
function layerKernels(
  parts: StepParts,
  { kind, layer, first, mixed, wide, narrow }: LayerPaths,
  index: number,
  project: (projection: Projection) => Recorded[],
): Recorded[] {
  const { backbone, view, memory, buffers } = parts;
  const { activations } = buffers;
  const { x } = memory;
  const input = normed(parts);
  const plain = { kind: 'plain' } as const;
  const gain = planVector(view, `${layer}operator_norm.weight`);
  const projected = project({ paths: first, input, x, y: activations.wide, extra: { gain } });
  const outward =
    kind === 'conv'
      ? project({
          paths: mixed,
          input: { kind: 'conv', taps: backbone.config.kernelSize },
          residual: true,
          x: activations.wide,
          y: x,
          extra: {
            kernel: planVector(view, `${layer}conv.conv.weight`),
            ...(memory.rings[index] && { ring: memory.rings[index] }),
            state: memory.state,
          },
        })
      : [
          attentionKernel(parts, layer, index),
          ...project({ paths: mixed, input: plain, residual: true, x: activations.mixed, y: x }),
        ];
  const mlpGain = planVector(view, `${layer}ffn_norm.weight`);
  return [
    ...projected,
    ...outward,
    ...project({ paths: wide, input, gated: true, x, y: activations.gate, extra: { gain: mlpGain } }),
    ...project({ paths: narrow, input: plain, residual: true, x: activations.gate, y: x }),
  ];
}

function attentionKernel(
  { gpu, backbone, view, memory, buffers }: StepParts,
  layer: string,
  index: number,
): Recorded {
  const { heads, keyValueHeads, headSize, normEps } = backbone.config;
  const width = gpu.software ? 1 : 256;
  const o = { heads, keyValueHeads, headSize, eps: normEps, width };
  const named: Record<string, GPUBuffer> = {
    qkv: buffers.activations.wide,
    qGain: planVector(view, `${layer}self_attn.q_layernorm.weight`),
    kGain: planVector(view, `${layer}self_attn.k_layernorm.weight`),
    rope: buffers.rope,
    state: memory.state,
    keys: memory.pages[index].keys,
    values: memory.pages[index].values,
    out: buffers.activations.mixed,
  };
  return prepare(
    gpu,
    stepAttentionKey(o),
    () => stepAttentionWgsl(o),
    [...ATTENTION_BINDINGS.map(name => named[name]), buffers.frame],
    sequences => stepAttentionGroups(o, sequences),
  );
}

/** What turns tokens into rows of the residual stream, and logits into tokens. */
function tokenKernels(
  { gpu, backbone, view, memory, buffers }: StepParts,
  filters: Filters,
): { lookUp: Recorded; draw: Recorded } {
  const { hiddenSize, vocabularySize } = backbone.config;
  const table = planMatrix(view, backbone.embeddingName);
  const look = { format: table.format, columns: hiddenSize };
  const tableBuffers = Object.fromEntries(
    embedBindings(look)
      .slice(1, -1)
      .map((name, i) => [name, table.buffers[i]]),
  );
  const named: Record<string, GPUBuffer> = {
    ...tableBuffers,
    x: memory.x,
    state: memory.state,
    logits: buffers.activations.logits,
    bans: buffers.bans,
    out: memory.out,
    seen: memory.seen,
  };
  const lookUp = prepare(
    gpu,
    `plan-embed ${JSON.stringify(look)}`,
    () => embedWgsl(look),
    [...embedBindings(look).map(name => named[name]), buffers.frame],
    sequences => [sequences, 1, 1],
  );
  const sample: StepSample = {
    ...look,
    ...filters,
    vocabulary: vocabularySize,
    width: gpu.software ? 1 : gpu.gpu.limits.maxComputeInvocationsPerWorkgroup >= 1024 ? 1024 : 256,
  };
  const draw = prepare(
    gpu,
    stepSampleKey(sample),
    () => stepSampleWgsl(sample),
    [...stepSampleBindings(sample).map(name => named[name]), buffers.frame],
    sequences => stepSampleGroups(sample, sequences),
  );
  return { lookUp, draw };
}
