/** A projection of a decode step: matrices of one input in one kernel, with their LoRA branches. */
import {
  computesLow,
  linearForm,
  prepare,
  sequencesOf,
  stepLinearBindings,
  stepLinearGroups,
  stepLinearKey,
  stepLinearWgsl,
  type Bound,
  type GpuBackend,
  type LinearForm,
  type LinearSizes,
  type Recorded,
  type StepLinear,
} from '../../../gpu/index.ts';
import type { WeightView } from '../../weight-view.ts';
import type { PlanBuffers } from './buffers.ts';
import { joinsScales, type JoinedScales } from './joined-scales.ts';
import { totalRank, type LoraArena } from './lora-arena.ts';
import { planMatrix } from './weights.ts';

/** Sequences that share a pass over the weights. */
export type Tile = StepLinear['tile'];

/** What a projection is computed with. */
export interface ProjectionParts {
  gpu: GpuBackend;
  view: WeightView;
  arena: LoraArena;
  scales: JoinedScales;
  buffers: PlanBuffers;
}

export interface Projection {
  /** Module paths of the matrices. */
  paths: readonly string[];
  input: StepLinear['input'];
  gated?: boolean;
  residual?: boolean;
  x: GPUBuffer;
  y: GPUBuffer;
  /** What the input's kind needs besides, by the kernel's names. */
  extra?: Record<string, GPUBuffer>;
}

/** The product, after that of the LoRA branches' first matrices where there are any that it does not compute itself. */
export function prepareProjection(parts: ProjectionParts, o: Projection, tile: Tile): Recorded[] {
  const { gpu, view, arena, scales, buffers } = parts;
  const { low } = buffers.activations;
  const matrices = o.paths.map(path => planMatrix(view, `${path}.weight`));
  const [{ columns, format }] = matrices;
  const branches = arena.of(o.paths);
  const gated = o.gated ?? false;
  const ranks = totalRank(branches?.ranks ?? []);
  const rows = gated ? matrices[0].rows : matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const sizes = { outputs: rows, columns, gated, tile };
  const form = formOf(gpu, sizes);
  const ownLow = computesLow(form, sizes, ranks);
  const main: StepLinear = {
    columns,
    input: o.input,
    tile: sequencesOf(form, tile),
    form,
    format,
    outputs: matrices.map(matrix => matrix.rows),
    joinedScales: joinsScales(matrices),
    gated,
    residual: o.residual ?? false,
    lora: branches ? branches.ranks.map((rank, i) => ({ rank, scaling: branches.scalings[i] })) : [],
    ownLow,
    remembers: true,
  };
  const weights = Object.fromEntries(
    matrices.flatMap((matrix, i) =>
      matrix.buffers.map((buffer, part) => [`w${i}_${part === 0 ? 'words' : 'scales'}`, buffer]),
    ),
  );
  const product = prepareLinear(parts, main, {
    ...o.extra,
    ...weights,
    ...(main.joinedScales && { scales: scales.of(o.paths.join(), matrices) }),
    x: o.x,
    y: o.y,
    ...(branches && { low, down: branches.down, up: branches.up }),
  });
  if (!branches || ownLow) return [product];
  const downForm = formOf(gpu, { outputs: ranks, columns, gated: false, tile });
  const down: StepLinear = {
    columns,
    input: o.input,
    tile: sequencesOf(downForm, tile),
    form: downForm,
    format: 'f32',
    outputs: [ranks],
    joinedScales: false,
    gated: false,
    residual: false,
    lora: [],
    ownLow: false,
    remembers: false,
  };
  return [prepareLinear(parts, down, { ...o.extra, w0_words: branches.down, x: o.x, y: low }), product];
}

function formOf({ software, gpu }: GpuBackend, sizes: LinearSizes): LinearForm {
  return linearForm({ software, subgroups: gpu.features.includes('subgroups') }, sizes);
}

function prepareLinear(
  { gpu, buffers }: ProjectionParts,
  o: StepLinear,
  bound: Record<string, Bound>,
): Recorded {
  return prepare(
    gpu,
    stepLinearKey(o),
    () => stepLinearWgsl(o),
    [...stepLinearBindings(o).map(name => bound[name]), buffers.frame],
    sequences => stepLinearGroups(o, sequences),
  );
}
