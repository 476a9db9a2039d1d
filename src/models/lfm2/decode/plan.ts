/** The decode plan: a decode step of an LFM2 model as prepared dispatches on buffers that stay where they are. */
import { record, type GpuBackend } from '../../../gpu/index.ts';
import type { LoraAdapter } from '../../lora/adapter.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import { PlanBuffers } from './buffers.ts';
import { JoinedScales } from './joined-scales.ts';
import { LoraArena } from './lora-arena.ts';
import type { SequenceMemory } from './memory.ts';
import type { Tile } from './projection.ts';
import { prepareStep, type Filters, type PreparedStep, type StepParts } from './step.ts';
import { kernelsOf, layerPaths, weightBuffers } from './weights.ts';

export class DecodePlan {
  readonly #parts: StepParts;
  readonly #variants = new Map<string, PreparedStep>();
  /** The weights' buffers when the dispatches were prepared: one that trains may move. */
  #bound: GPUBuffer[] = [];

  constructor(
    private readonly gpu: GpuBackend,
    backbone: Lfm2Backbone,
    readonly view: WeightView,
    memory: SequenceMemory,
    banned: Int32Array,
  ) {
    const layers = layerPaths(backbone);
    const arena = new LoraArena(view.adapter, layers.flatMap(kernelsOf));
    const buffers = new PlanBuffers(gpu, backbone, banned, arena.widest);
    const scales = new JoinedScales();
    this.#parts = { gpu, backbone, view, memory, layers, arena, scales, buffers };
  }

  get adapter(): LoraAdapter | null {
    return this.#parts.arena.adapter;
  }

  /** The uniform of a step's parameters. */
  get frame(): GPUBuffer {
    return this.#parts.buffers.frame;
  }

  /** To be called before steps are recorded after weights may have changed. */
  refresh(): void {
    const { arena, view, backbone, layers } = this.#parts;
    arena.refresh();
    const buffers = weightBuffers(view, backbone, layers);
    if (buffers.some((buffer, i) => buffer !== this.#bound[i])) this.invalidate();
    this.#bound = buffers;
  }

  /** Forgets what was prepared: a buffer was replaced. */
  invalidate(): void {
    this.#variants.clear();
  }

  /** Makes room for activations of that many rows and for rotations of that many positions. */
  reserve(slots: number, positions: number): void {
    if (this.#parts.buffers.reserve(slots, positions)) this.invalidate();
  }

  /** Records `steps` decode steps of `sequences` rows after a look-up of their latest tokens. */
  record(pass: GPUComputePassEncoder, sequences: number, steps: number, filters: Filters): void {
    const tile = tileOf(sequences, this.gpu);
    const key = `${tile} ${JSON.stringify(filters)}`;
    let prepared = this.#variants.get(key);
    if (!prepared) this.#variants.set(key, (prepared = prepareStep(this.#parts, tile, filters)));
    record(pass, [prepared.lookUp], sequences);
    for (let i = 0; i < steps; i++) record(pass, prepared.step, sequences);
  }

  dispose(): void {
    const { buffers, arena, scales } = this.#parts;
    this.gpu.flush();
    buffers.dispose();
    arena.dispose();
    scales.dispose();
  }
}

/** Sequences that share a pass over the weights. On a software adapter each number of them is compiled for several seconds. */
function tileOf(sequences: number, { software, gpu }: GpuBackend): Tile {
  if (software && gpu.features.includes('subgroups')) return sequences <= 2 ? 4 : 8;
  if (software) return sequences === 1 ? 1 : 4;
  if (sequences <= 2) return sequences as Tile;
  return sequences <= 4 ? 4 : 8;
}
