/**
 * tfjs keeps all that a gradient is made of until the last of it is computed: every tensor saved on the way forward, every
 * gradient on the way back. That is twice the memory of the forward pass. Here each goes when the last that needs it is done.
 */
import * as tf from '@tensorflow/tfjs-core';
import { Leftovers, type KeptNode } from './again.ts';

type Gradient = (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;

interface TapeNode extends KeptNode {
  inputs: Record<string, tf.Tensor>;
  gradient?: Gradient;
}

interface Engine {
  runKernel(name: string, inputs: Record<string, tf.Tensor>, attrs?: unknown): tf.Tensor;
  state: { activeTape: TapeNode[]; gradientDepth: number };
  gradients(f: () => tf.Tensor, xs: tf.Tensor[], ...rest: unknown[]): unknown;
  addTapeNode(...args: unknown[]): void;
}

/** One walk back over the tape. */
interface Walk {
  /** Ids of the tensors whose gradients were asked for. */
  asked: Set<number>;
  /** The gradients of those that have one, as far as they are summed, by the tensors' ids. */
  sums: Map<number, tf.Tensor>;
  /** What the gradient that is being computed will be added to. */
  soFar: tf.Tensor | null;
  /** The op that computes it has added that itself. */
  taken: boolean;
  /** What tfjs is about to add to the sum of a tensor. */
  next: { id: number; dx: tf.Tensor; whole: boolean } | null;
  /** What nobody needs once the next node is come to. */
  done: tf.Tensor[];
  /** The first node's gradient may be the caller's own. */
  started: boolean;
}

/** Walks under way: a checkpointed block's happens inside another. */
const walks: Walk[] = [];

let patched = false;

/**
 * Within a thunk of a gradient: what other uses of the same input gave before, which the caller then adds to its own in the
 * pass that computes it. null where this is the first use; to be added in, once asked for.
 */
export function gradientSoFar(): tf.Tensor | null {
  const walk = walks.at(-1);
  if (!walk?.soFar) return null;
  walk.taken = true;
  return walk.soFar;
}

/** Changes the tensor engine, once. */
export function releaseAlongTheTape(): void {
  if (patched) return;
  patched = true;
  const engine = tf.engine() as unknown as Engine;
  const { gradients, addTapeNode, runKernel } = engine;
  engine.gradients = function (f, xs, ...rest) {
    const asked = new Set(xs.map(({ id }) => id));
    const first = { soFar: null, taken: false, next: null, done: [], started: false };
    walks.push({ asked, sums: new Map(), ...first });
    try {
      return gradients.call(this, f, xs, ...rest);
    } finally {
      walks.pop();
    }
  };
  engine.runKernel = function (name, inputs, attrs) {
    const walk = walks.at(-1);
    const next = walk?.next;
    if (!walk || !next || name !== 'Add' || inputs.b !== next.dx)
      return runKernel.call(this, name, inputs, attrs);
    walk.next = null;
    const sum = next.whole ? next.dx.clone() : runKernel.call(this, name, inputs, attrs);
    walk.sums.set(next.id, sum);
    return sum;
  };
  engine.addTapeNode = function (...args) {
    addTapeNode.apply(this, args);
    const node = this.state.activeTape.at(-1)!;
    const { gradient } = node;
    if (!gradient) return;
    // Within another gradient's forward pass a tape outlives the walk along it.
    const again = tf.getBackend() === 'webgpu' && this.state.gradientDepth === 1;
    const leftovers = again ? new Leftovers(node, args[5]) : null;
    node.gradient = dys => {
      const walk = walks.at(-1);
      if (walk && this.state.gradientDepth === 0) return step(walk, node, leftovers, gradient, dys);
      // Within the forward pass of another gradient all of this is needed again.
      leftovers?.restore();
      return gradient(dys);
    };
  };
}

function step(
  walk: Walk,
  node: TapeNode,
  leftovers: Leftovers | null,
  gradient: Gradient,
  dys: (tf.Tensor | null)[],
): ReturnType<Gradient> {
  tf.dispose(walk.done);
  leftovers?.restore();
  const saved = [...(node.saved ?? [])];
  const own = walk.started
    ? dys.filter((dy, i): dy is tf.Tensor => dy !== null && !walk.asked.has(node.outputs[i].id))
    : [];
  walk.started = true;
  walk.done = [...own, ...(leftovers?.done() ?? saved)];
  const grads = gradient(dys);
  const used = new Set<tf.Tensor | null>([...dys, ...saved]);
  return Object.fromEntries(
    Object.entries(grads).map(([name, thunk]) => [
      name,
      () => {
        const { id } = node.inputs[name];
        const soFar = walk.sums.get(id) ?? null;
        Object.assign(walk, { soFar, taken: false });
        let dx = thunk();
        walk.soFar = null;
        // A gradient that is passed on as it is must outlive what it came as.
        if (used.has(dx)) dx = dx.clone();
        used.add(dx);
        if (soFar) {
          // The second one is added to the first, and the sum takes their place.
          walk.done.push(dx);
          walk.next = { id, dx, whole: walk.taken };
        } else walk.sums.set(id, dx);
        return dx;
      },
    ]),
  );
}
