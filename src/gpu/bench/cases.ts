/** What the kernel bench compares: an op and the same from stock tfjs ops, on the same inputs. */
import type * as tf from '@tensorflow/tfjs-core';

export interface BenchSizes {
  batch: number;
  length: number;
  width: number;
  heads: number;
  kvHeads: number;
  vocabulary: number;
}

/** About the embedded policy's. */
export const NANO: BenchSizes = { batch: 4, length: 128, width: 128, heads: 4, kvHeads: 2, vocabulary: 1536 };

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Does the whole work and waits for it; resolves to something of the result. */
export type Call = () => Promise<ArrayLike<number>>;

interface Named {
  name: string;
  /** Left out on wasm, where the op is its composition or does not exist. */
  gpuOnly?: boolean;
}

/** An op with a gradient by each of its inputs: timed forward and backward. */
export interface GradientCase extends Named {
  shapes: number[][];
  fused: Op;
  /** Null where no such thing would fit in memory, or tfjs's own op runs our kernel. */
  composed: Op | null;
}

/** An op without a gradient: timed as it is called. */
export interface CallCase extends Named {
  fused: Call;
  composed: Call;
}

export type KernelCase = GradientCase | CallCase;

/** Cases of one kind, and what they hold until all have run. */
export interface CaseGroup {
  cases: KernelCase[];
  dispose(): void;
}
