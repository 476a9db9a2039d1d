/** The decode plan: a decode step of an LFM2 model as prepared dispatches on buffers that stay where they are. */
import {
  ATTENTION_BINDINGS,
  computesLow,
  embedBindings,
  embedWgsl,
  FRAME_BYTES,
  linearForm,
  prepare,
  record,
  stepAttentionGroups,
  stepAttentionKey,
  stepAttentionWgsl,
  stepLinearBindings,
  stepLinearGroups,
  stepLinearKey,
  stepLinearWgsl,
  stepSampleBindings,
  stepSampleGroups,
  stepSampleKey,
  stepSampleWgsl,
  type Bound,
  type GpuBackend,
  type LinearForm,
  type LinearSizes,
  type Recorded,
  type StepLinear,
  type StepSample,
} from '../../../gpu/index.ts';
import type { LoraAdapter } from '../../lora/adapter.ts';
import type { WeightView } from '../../weight-view.ts';
import type { Lfm2Backbone } from '../backbone.ts';
import { JoinedScales, joinsScales } from './joined-scales.ts';
import { LoraArena } from './lora-arena.ts';
import type { SequenceMemory } from './memory.ts';
import { layerPaths, planMatrix, planVector, type LayerPaths } from './weights.ts';

/** Which filters the sampler needs: each set is a kernel of its own. */
export type Filters = Pick<StepSample, 'topK' | 'topP' | 'minP' | 'penalty'>;

type Tile = StepLinear['tile'];

interface Linear {
  paths: readonly string[];
  input: StepLinear['input'];
  gated?: boolean;
  residual?: boolean;
  x: GPUBuffer;
  y: GPUBuffer;
  extra?: Record<string, GPUBuffer>;
}

/** Bytes of a row of each buffer of activations. */
interface Scratch {
  wide: GPUBuffer;
  mixed: GPUBuffer;
  gate: GPUBuffer;
  low: GPUBuffer;
  logits: GPUBuffer;
}

export class DecodePlan {
  readonly frame: GPUBuffer;
  readonly #paths: LayerPaths[];
  readonly #arena: LoraArena;
  readonly #scales = new JoinedScales();
  readonly #variants = new Map<string, Recorded[]>();
  #scratch: Scratch | null = null;
  #scratchSlots = 0;
  #bans: GPUBuffer | null = null;
  #rope: GPUBuffer | null = null;
  #ropeLength = 0;
  /** Of the weights' buffers when the dispatches were prepared: one that trains may move. */
  #bound: GPUBuffer[] = [];

  constructor(
    private readonly gpu: GpuBackend,
    private readonly backbone: Lfm2Backbone,
    readonly view: WeightView,
    private readonly memory: SequenceMemory,
    private readonly banned: Int32Array,
  ) {
    this.#paths = layerPaths(backbone);
    const kernels = this.#paths.flatMap(({ first, mixed, wide, narrow }) => [first, mixed, wide, narrow]);
    this.#arena = new LoraArena(view.adapter, kernels);
    this.frame = gpu.createBuffer(FRAME_BYTES, 'frame of the decode plan', GPUBufferUsage.UNIFORM);
  }

  get adapter(): LoraAdapter | null {
    return this.#arena.adapter;
  }

  /** To be called before steps are recorded after weights may have changed. */
  refresh(): void {
    this.#arena.refresh();
    const buffers = this.#weightBuffers();
    if (buffers.some((buffer, i) => buffer !== this.#bound[i])) this.invalidate();
    this.#bound = buffers;
  }

  /** Forgets what was prepared: a buffer was replaced. */
  invalidate(): void {
    this.#variants.clear();
  }

  /** Records `steps` decode steps of `sequences` rows after a look-up of their latest tokens. */
  record(pass: GPUComputePassEncoder, sequences: number, steps: number, filters: Filters): void {
    const tile = tileOf(sequences, this.gpu.software);
    const key = `${tile} ${JSON.stringify(filters)}`;
    let prepared = this.#variants.get(key);
    if (!prepared) this.#variants.set(key, (prepared = this.#prepare(tile, filters)));
    const [lookUp, ...step] = prepared;
    record(pass, [lookUp], sequences);
    for (let i = 0; i < steps; i++) record(pass, step, sequences);
  }

  /** Makes room for activations of that many rows and for rotations of that many positions. */
  reserve(slots: number, positions: number): void {
    const { config, rotary } = this.backbone;
    if (slots > this.#scratchSlots) {
      this.#freeScratch();
      const { hiddenSize, heads, keyValueHeads, headSize, mlpSize, vocabularySize } = config;
      const room = (width: number, label: string): GPUBuffer =>
        this.gpu.createBuffer(slots * width * 4, `decode plan: ${label}`);
      const rank = Math.max(
        1,
        ...this.#paths.flatMap(({ first, mixed, wide, narrow }) =>
          [first, mixed, wide, narrow].map(paths =>
            (this.#arena.of(paths)?.ranks ?? []).reduce((sum, r) => sum + r, 0),
          ),
        ),
      );
      this.#scratch = {
        wide: room(Math.max(3 * hiddenSize, (heads + 2 * keyValueHeads) * headSize), 'first projection'),
        mixed: room(heads * headSize, 'attention'),
        gate: room(mlpSize, 'MLP'),
        low: room(rank, 'LoRA'),
        logits: room(vocabularySize, 'logits'),
      };
      this.#scratchSlots = slots;
      this.invalidate();
    }
    if (positions > this.#ropeLength) {
      if (this.#rope) this.gpu.freeBuffer(this.#rope);
      this.#ropeLength = Math.max(256, 2 ** Math.ceil(Math.log2(positions)));
      const pairs = rotary.pairs(this.#ropeLength);
      this.#rope = this.gpu.createBuffer(pairs.byteLength, 'decode plan: rotations');
      this.gpu.device.queue.writeBuffer(this.#rope, 0, pairs as Float32Array<ArrayBuffer>);
      this.invalidate();
    }
    if (!this.#bans) {
      const bits = new Uint32Array(Math.ceil(config.vocabularySize / 32));
      for (const id of this.banned)
        if (id >= 0 && id < config.vocabularySize) bits[id >>> 5] |= 1 << (id & 31);
      this.#bans = this.gpu.createBuffer(bits.byteLength, 'decode plan: banned tokens');
      this.gpu.device.queue.writeBuffer(this.#bans, 0, bits);
    }
  }

  dispose(): void {
    this.gpu.flush();
    this.#freeScratch();
    this.#arena.dispose();
    this.#scales.dispose();
    for (const buffer of [this.frame, this.#bans, this.#rope]) if (buffer) this.gpu.freeBuffer(buffer);
  }

  #freeScratch(): void {
    for (const buffer of Object.values(this.#scratch ?? {})) this.gpu.freeBuffer(buffer as GPUBuffer);
    this.#scratch = null;
  }

  /** All of them, so that what tfjs has yet to upload is on its way before a step is submitted. */
  #weightBuffers(): GPUBuffer[] {
    const { view, backbone } = this;
    const vectors = this.#paths.flatMap(({ kind, layer }) => [
      `${layer}operator_norm.weight`,
      `${layer}ffn_norm.weight`,
      ...(kind === 'conv'
        ? [`${layer}conv.conv.weight`]
        : ['q', 'k'].map(which => `${layer}self_attn.${which}_layernorm.weight`)),
    ]);
    const matrices = this.#paths.flatMap(({ first, mixed, wide, narrow }) =>
      [...first, ...mixed, ...wide, ...narrow].map(path => `${path}.weight`),
    );
    return [
      ...[...vectors, this.#finalGain].map(name => planVector(view, name)),
      ...[...matrices, backbone.embeddingName, backbone.headName].flatMap(
        name => planMatrix(view, name).buffers,
      ),
    ];
  }

  get #finalGain(): string {
    return `${this.backbone.prefix}embedding_norm.weight`;
  }

  /** The look-up, then the dispatches of one step. */
  #prepare(tile: Tile, filters: Filters): Recorded[] {
    const { gpu, backbone, view, memory } = this;
    const { config } = backbone;
    const scratch = this.#scratch!;
    const { x } = memory;
    const norm = { kind: 'norm', eps: config.normEps } as const;
    const plain = { kind: 'plain' } as const;
    const steps = this.#paths.flatMap(({ kind, layer, first, mixed, wide, narrow }, index) => {
      const gain = planVector(view, `${layer}operator_norm.weight`);
      const projected = this.#linear(
        { paths: first, input: norm, x, y: scratch.wide, extra: { gain } },
        tile,
      );
      const outward =
        kind === 'conv'
          ? this.#linear(
              {
                paths: mixed,
                input: { kind: 'conv', taps: config.kernelSize },
                residual: true,
                x: scratch.wide,
                y: x,
                extra: {
                  kernel: planVector(view, `${layer}conv.conv.weight`),
                  ...(memory.rings[index] && { ring: memory.rings[index] }),
                  state: memory.state,
                },
              },
              tile,
            )
          : [
              this.#attention(layer, index),
              ...this.#linear({ paths: mixed, input: plain, residual: true, x: scratch.mixed, y: x }, tile),
            ];
      const mlpGain = planVector(view, `${layer}ffn_norm.weight`);
      return [
        ...projected,
        ...outward,
        ...this.#linear(
          { paths: wide, input: norm, gated: true, x, y: scratch.gate, extra: { gain: mlpGain } },
          tile,
        ),
        ...this.#linear({ paths: narrow, input: plain, residual: true, x: scratch.gate, y: x }, tile),
      ];
    });
    const finalGain = planVector(view, this.#finalGain);
    const head = this.#linear(
      {
        paths: [backbone.headName.replace(/\.weight$/, '')],
        input: norm,
        x,
        y: scratch.logits,
        extra: { gain: finalGain },
      },
      tile,
    );
    const table = planMatrix(view, backbone.embeddingName);
    const look = { format: table.format, columns: config.hiddenSize };
    const tableBuffers = Object.fromEntries(
      embedBindings(look)
        .slice(1, -1)
        .map((name, i) => [name, table.buffers[i]]),
    );
    const named: Record<string, GPUBuffer> = {
      ...tableBuffers,
      x,
      state: memory.state,
      logits: scratch.logits,
      bans: this.#bans!,
      out: memory.out,
      seen: memory.seen,
    };
    const lookUp = prepare(
      gpu,
      `plan-embed ${JSON.stringify(look)}`,
      () => embedWgsl(look),
      [...embedBindings(look).map(name => named[name]), this.frame],
      sequences => [sequences, 1, 1],
    );
    const sample: StepSample = {
      ...look,
      ...filters,
      vocabulary: config.vocabularySize,
      width: gpu.software ? 1 : gpu.gpu.limits.maxComputeInvocationsPerWorkgroup >= 1024 ? 1024 : 256,
    };
    const draw = prepare(
      gpu,
      stepSampleKey(sample),
      () => stepSampleWgsl(sample),
      [...stepSampleBindings(sample).map(name => named[name]), this.frame],
      sequences => stepSampleGroups(sample, sequences),
    );
    return [lookUp, ...steps, ...head, draw];
  }

  #attention(layer: string, index: number): Recorded {
    const { gpu, backbone, view, memory } = this;
    const { heads, keyValueHeads, headSize, normEps } = backbone.config;
    const width = gpu.software ? 1 : 256;
    const o = { heads, keyValueHeads, headSize, eps: normEps, width };
    const buffers: Record<string, GPUBuffer> = {
      qkv: this.#scratch!.wide,
      qGain: planVector(view, `${layer}self_attn.q_layernorm.weight`),
      kGain: planVector(view, `${layer}self_attn.k_layernorm.weight`),
      rope: this.#rope!,
      state: memory.state,
      keys: memory.pages[index].keys,
      values: memory.pages[index].values,
      out: this.#scratch!.mixed,
    };
    return prepare(
      gpu,
      stepAttentionKey(o),
      () => stepAttentionWgsl(o),
      [...ATTENTION_BINDINGS.map(name => buffers[name]), this.frame],
      sequences => stepAttentionGroups(o, sequences),
    );
  }

  /** The product, after that of the LoRA branches' first matrices where there are any that it does not compute itself. */
  #linear(o: Linear, tile: Tile): Recorded[] {
    const { low } = this.#scratch!;
    const matrices = o.paths.map(path => planMatrix(this.view, `${path}.weight`));
    const [{ columns, format }] = matrices;
    const branches = this.#arena.of(o.paths);
    const gated = o.gated ?? false;
    const ranks = (branches?.ranks ?? []).reduce((sum, rank) => sum + rank, 0);
    const rows = gated ? matrices[0].rows : matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
    const sizes = { outputs: rows, columns, gated, tile };
    const form = this.#form(sizes);
    const ownLow = computesLow(form, sizes, ranks);
    const main: StepLinear = {
      columns,
      input: o.input,
      tile,
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
      matrices.flatMap(({ buffers }, i) =>
        buffers.map((buffer, part) => [`w${i}_${part === 0 ? 'words' : 'scales'}`, buffer]),
      ),
    );
    const product = this.#product(main, {
      ...o.extra,
      ...weights,
      ...(main.joinedScales && { scales: this.#scales.of(o.paths.join(), matrices) }),
      x: o.x,
      y: o.y,
      ...(branches && { low, down: branches.down, up: branches.up }),
    });
    if (!branches || ownLow) return [product];
    const down: StepLinear = {
      columns,
      input: o.input,
      tile,
      form: this.#form({ outputs: ranks, columns, gated: false, tile }),
      format: 'f32',
      outputs: [ranks],
      joinedScales: false,
      gated: false,
      residual: false,
      lora: [],
      ownLow: false,
      remembers: false,
    };
    return [this.#product(down, { ...o.extra, w0_words: branches.down, x: o.x, y: low }), product];
  }

  #form(sizes: LinearSizes): LinearForm {
    const { software, gpu } = this.gpu;
    return linearForm({ software, subgroups: gpu.features.includes('subgroups') }, sizes);
  }

  #product(o: StepLinear, buffers: Record<string, Bound>): Recorded {
    return prepare(
      this.gpu,
      stepLinearKey(o),
      () => stepLinearWgsl(o),
      [...stepLinearBindings(o).map(name => buffers[name]), this.frame],
      sequences => stepLinearGroups(o, sequences),
    );
  }
}

/** Sequences that share a pass over the weights. Compiling for two takes a software adapter longer than it saves. */
function tileOf(sequences: number, software: boolean): Tile {
  if (software) return sequences === 1 ? 1 : 4;
  if (sequences <= 2) return sequences as Tile;
  return sequences <= 4 ? 4 : 8;
}
