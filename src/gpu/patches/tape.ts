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
  state: { activeTape: TapeNode[]; gradientDepth: number };
  gradients(f: () => tf.Tensor, xs: tf.Tensor[], ...rest: unknown[]): unknown;
  addTapeNode(...args: unknown[]): void;
}

/** One walk back over the tape. */
interface Walk {
  /** Ids of the tensors whose gradients were asked for. */
  asked: Set<number>;
  /** Ids of those that have a gradient. */
  reached: Set<number>;
  /** What nobody needs once the next node is come to. */
  done: tf.Tensor[];
  /** The first node's gradient may be the caller's own. */
  started: boolean;
}

/** Walks under way: a checkpointed block's happens inside another. */
const walks: Walk[] = [];

let patched = false;

/** Changes the tensor engine, once. */
export function releaseAlongTheTape(): void {
  if (patched) return;
  patched = true;
  const engine = tf.engine() as unknown as Engine;
  const { gradients, addTapeNode } = engine;
  engine.gradients = function (f, xs, ...rest) {
    walks.push({ asked: new Set(xs.map(({ id }) => id)), reached: new Set(), done: [], started: false });
    try {
      return gradients.call(this, f, xs, ...rest);
    } finally {
      walks.pop();
    }
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
        let dx = thunk();
        // A gradient that is passed on as it is must outlive what it came as.
        if (used.has(dx)) dx = dx.clone();
        used.add(dx);
        const { id } = node.inputs[name];
        // The second one is added to the first, and the sum takes their place.
        if (walk.reached.has(id)) walk.done.push(dx);
        walk.reached.add(id);
        return dx;
      },
    ]),
  );
}
