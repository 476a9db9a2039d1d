/** How an op of ours becomes a tfjs kernel with a gradient: one registration a backend, and the tape does the rest. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from './backend.ts';
import { tapeIsOn, tensorOf, type WasmBackend } from './internals.ts';
import { computeAgain } from './patches/again.ts';

type Attrs = Record<string, number>;

/** `A`: what an op takes besides tensors; the tape hands it to the backward pass as it is. */
export interface FusedOp<I extends string, A extends object = Attrs> {
  /** Kernel name in tfjs's registry. */
  name: string;
  /** Order of the inputs; all of them are kept for the backward pass. */
  inputs: readonly I[];
  /**
   * Records the WGSL; absent from an op that only runs on wasm. What follows the result in a list is kept for the backward
   * pass and reaches nobody else.
   */
  webgpu?(backend: GpuBackend, inputs: Record<I, tf.TensorInfo>, attrs: A): tf.TensorInfo | tf.TensorInfo[];
  /** Works on views of the wasm heap. Absent from an op that only runs on webgpu. */
  wasm?(backend: WasmBackend, inputs: Record<I, tf.TensorInfo>, attrs: A): tf.TensorInfo;
  /**
   * One thunk an input; only those that a gradient needs are called. `kept`: the result when `keepsOutput`, then what
   * followed it.
   */
  gradient?(
    dy: tf.Tensor,
    inputs: Record<I, tf.Tensor>,
    attrs: A,
    ...kept: tf.Tensor[]
  ): Record<I, () => tf.Tensor>;
  /** The backward pass needs the result itself. */
  keepsOutput?: boolean;
  /** Its result takes little time: on webgpu a backward pass that needs it computes it again instead of keeping it. */
  cheap?: boolean;
}

/** Results beyond the first that an op may have. */
const MOST_KEPT = 4;

/** Registers `op` for the backends that it has code for and returns the function that runs it. */
export function fuse<I extends string, A extends object = Attrs>(
  op: FusedOp<I, A>,
): (inputs: Record<I, tf.Tensor>, attrs?: A) => tf.Tensor {
  const { name, gradient, webgpu, wasm } = op;
  if (webgpu)
    tf.registerKernel({
      kernelName: name,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend, attrs }) =>
        webgpu(backend as GpuBackend, inputs as Record<I, tf.TensorInfo>, attrs as unknown as A),
    });
  if (wasm)
    tf.registerKernel({
      kernelName: name,
      backendName: 'wasm',
      kernelFunc: ({ inputs, backend, attrs }) =>
        wasm(backend as WasmBackend, inputs as Record<I, tf.TensorInfo>, attrs as unknown as A),
    });
  if (gradient) {
    if (op.cheap) computeAgain(name);
    tf.registerGradient({
      kernelName: name,
      inputsToSave: [...op.inputs],
      outputsToSave: [op.keepsOutput ?? false, ...Array<boolean>(MOST_KEPT).fill(true)],
      gradFunc: (dy, saved, attrs) => {
        const inputs = Object.fromEntries(op.inputs.map((input, i) => [input, saved[i]]));
        return gradient(
          Array.isArray(dy) ? dy[0] : dy,
          inputs as Record<I, tf.Tensor>,
          attrs as unknown as A,
          ...saved.slice(op.inputs.length),
        );
      },
    });
  }
  return (inputs, attrs) => {
    const given = attrs ?? ({} as A);
    const gpu = webgpu && !tapeIsOn() ? gpuBackend() : null;
    if (gpu) {
      const made = webgpu!(gpu, inputs, given);
      if (!Array.isArray(made)) return tracked(made);
      for (let i = 1; i < made.length; i++) gpu.disposeData(made[i].dataId);
      return tracked(made[0]);
    }
    const results = tf.engine().runKernel(name, inputs, given as unknown as tf.NamedAttrMap);
    if (!Array.isArray(results)) return results;
    const [result, ...kept] = results as tf.Tensor[];
    // The tape has references of its own.
    tf.dispose(kept);
    return result;
  };
}

/** A kernel's result as a tensor, which it may be already. */
function tracked(made: tf.TensorInfo): tf.Tensor {
  return made instanceof tf.Tensor ? made : tensorOf(made);
}

/** Makes the output on the wasm heap and hands its view, and the inputs' views, to `fill`. */
export function onHeap(
  backend: WasmBackend,
  shape: number[],
  inputs: tf.TensorInfo[],
  fill: (out: Float32Array, ...inputs: Float32Array[]) => void,
): tf.TensorInfo {
  const out = backend.makeOutput(shape, 'float32');
  // Views come after the allocation, which may have moved the heap.
  fill(floats(backend, out), ...inputs.map(input => floats(backend, input)));
  return out;
}

/** A tensor's values in the wasm heap; valid until the next allocation there. Integer tensors show as their bits. */
export function floats(backend: WasmBackend, x: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap({ ...x, dtype: 'float32' }) as Float32Array;
}

/** A float32 and its bits. */
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Packs 32-bit parameters of a shader; floats are marked as such. */
export function params(...values: (number | { f32: number })[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(values.length / 4) * 4);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') words[i] = value;
    else {
      float[0] = value.f32;
      words[i] = bits[0];
    }
  }
  return words;
}

/** Workgroups for `count` invocations, folded into x and y: `id.x + id.y * FOLD` in the shader is the invocation. */
export function grid(count: number, size = 64): [number, number, number] {
  const groups = Math.ceil(count / size);
  return groups <= FOLD_GROUPS ? [groups, 1, 1] : [FOLD_GROUPS, Math.ceil(groups / FOLD_GROUPS), 1];
}

const FOLD_GROUPS = 32_768;

/** WGSL for the invocation's number under `grid(count, size)`; the shader must still check it against the count. */
export function flatIndex(size = 64): string {
  return `(id.x + id.y * ${FOLD_GROUPS * size}u)`;
}
