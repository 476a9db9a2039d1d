/**
 * What costs little is not kept for a backward pass: it is computed again from what its own op keeps. An MLP's gate, a norm or
 * a rotation is one quick pass over memory that would otherwise be held from the forward pass on. On webgpu alone; the same
 * kernel on the same numbers gives the same bits.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What the tape has of an op. */
export interface KeptNode {
  kernelName: string;
  outputs: tf.Tensor[];
  /** What its gradient reads, in the order of its registration; some of it may be gone for the time being. */
  saved: tf.Tensor[] | null;
}

/** Kernels whose results are computed again. */
const CHEAP = new Set<string>();

/** By what holds a result's data, how it is made. */
const recipes = new WeakMap<tf.DataId, Recipe>();

/** The results of this kernel, which keeps all of its inputs, are computed again from now on. */
export function computeAgain(kernelName: string): void {
  CHEAP.add(kernelName);
}

class Recipe {
  /** Gradients that will read the result, and have not yet. */
  readers = 0;
  #made: tf.Tensor | null = null;

  constructor(
    private readonly node: KeptNode,
    private readonly own: Leftovers,
    private readonly attrs: unknown,
  ) {}

  get shape(): number[] {
    return this.node.outputs[0].shape;
  }

  make(): tf.Tensor {
    if (this.#made && !this.#made.isDisposed) return this.#made;
    this.own.restore();
    const { kernelName, saved } = this.node;
    const names = tf.getGradient(kernelName).inputsToSave!;
    const inputs = Object.fromEntries(names.map((name, i) => [name, saved![i]]));
    this.#made = tf.engine().runKernel(kernelName, inputs, this.attrs as tf.NamedAttrMap) as tf.Tensor;
    return this.#made;
  }

  /** What was made, for the caller to dispose of. */
  take(): tf.Tensor[] {
    const made = this.#made;
    this.#made = null;
    return made ? [made] : [];
  }
}

/** Of the tensors that a node saved those that are there only while its gradient is computed. */
export class Leftovers {
  readonly #recipes = new Map<number, Recipe>();
  /** How the node's own result is made. */
  #own: Recipe | null = null;

  constructor(
    private readonly node: KeptNode,
    attrs: unknown,
  ) {
    const saved = node.saved ?? [];
    saved.forEach((tensor, i) => {
      const recipe = recipes.get(tensor.dataId);
      // Data of another shape is another tensor's, made of this one.
      if (!recipe || !tf.util.arraysEqual(recipe.shape, tensor.shape)) return;
      recipe.readers++;
      this.#recipes.set(i, recipe);
      tensor.dispose();
    });
    if (!CHEAP.has(node.kernelName)) return;
    this.#own = new Recipe(node, this, attrs);
    recipes.set(node.outputs[0].dataId, this.#own);
  }

  /** Makes what is not there. */
  restore(): void {
    for (const [i, recipe] of this.#recipes) this.node.saved![i] = recipe.make();
  }

  /** Of all that was saved, what nobody needs once the node's gradient is computed. */
  done(): tf.Tensor[] {
    const still = (this.node.saved ?? []).filter((_, i) => !this.#recipes.has(i));
    const made = [...this.#recipes.values()].flatMap(recipe => (--recipe.readers === 0 ? recipe.take() : []));
    this.#recipes.clear();
    return [...still, ...made, ...(this.#own?.take() ?? [])];
  }
}
