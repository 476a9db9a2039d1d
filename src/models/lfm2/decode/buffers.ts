/** What a decode plan keeps on the GPU besides weights and sequences: activations, rotations, banned tokens, a step's parameters. */
import { FRAME_BYTES, type GpuBackend } from '../../../gpu/index.ts';
import type { Lfm2Backbone } from '../backbone.ts';

/** A row for each sequence that is decoded. */
export interface Activations {
  wide: GPUBuffer;
  mixed: GPUBuffer;
  gate: GPUBuffer;
  low: GPUBuffer;
  logits: GPUBuffer;
}

export class PlanBuffers {
  /** The uniform that every kernel reads. */
  readonly frame: GPUBuffer;
  activations!: Activations;
  /** (cosine, sine) by position. */
  rope!: GPUBuffer;
  /** A bit a token. */
  readonly bans: GPUBuffer;
  #slots = 0;
  #positions = 0;

  constructor(
    private readonly gpu: GpuBackend,
    private readonly backbone: Lfm2Backbone,
    banned: Int32Array,
    /** Ranks of LoRA branches that one kernel computes, at most. */
    private readonly rank: number,
  ) {
    this.frame = gpu.createBuffer(FRAME_BYTES, 'frame of the decode plan', GPUBufferUsage.UNIFORM);
    const { vocabularySize } = backbone.config;
    const bits = new Uint32Array(Math.ceil(vocabularySize / 32));
    for (const id of banned) if (id >= 0 && id < vocabularySize) bits[id >>> 5] |= 1 << (id & 31);
    this.bans = gpu.createBuffer(bits.byteLength, 'decode plan: banned tokens');
    gpu.device.queue.writeBuffer(this.bans, 0, bits);
  }

  /**
   * Makes room for activations of that many rows and for rotations of that many positions.
   * @returns whether buffers were replaced
   */
  reserve(slots: number, positions: number): boolean {
    const [moreSlots, morePositions] = [slots > this.#slots, positions > this.#positions];
    if (moreSlots) this.#growActivations(slots);
    if (morePositions) this.#growRope(positions);
    return moreSlots || morePositions;
  }

  dispose(): void {
    const { frame, bans, rope } = this;
    for (const buffer of [frame, bans, rope, ...this.#activationBuffers()])
      if (buffer) this.gpu.freeBuffer(buffer);
  }

  #growActivations(slots: number): void {
    for (const buffer of this.#activationBuffers()) this.gpu.freeBuffer(buffer);
    const { hiddenSize, heads, keyValueHeads, headSize, mlpSize, vocabularySize } = this.backbone.config;
    const room = (width: number, label: string): GPUBuffer =>
      this.gpu.createBuffer(slots * width * 4, `decode plan: ${label}`);
    this.activations = {
      wide: room(Math.max(3 * hiddenSize, (heads + 2 * keyValueHeads) * headSize), 'first projection'),
      mixed: room(heads * headSize, 'attention'),
      gate: room(mlpSize, 'MLP'),
      low: room(Math.max(1, this.rank), 'LoRA'),
      logits: room(vocabularySize, 'logits'),
    };
    this.#slots = slots;
  }

  #growRope(positions: number): void {
    if (this.rope) this.gpu.freeBuffer(this.rope);
    this.#positions = Math.max(256, 2 ** Math.ceil(Math.log2(positions)));
    const pairs = this.backbone.rotary.pairs(this.#positions);
    this.rope = this.gpu.createBuffer(pairs.byteLength, 'decode plan: rotations');
    this.gpu.device.queue.writeBuffer(this.rope, 0, pairs as Float32Array<ArrayBuffer>);
  }

  #activationBuffers(): GPUBuffer[] {
    return Object.values(this.activations ?? {});
  }
}
