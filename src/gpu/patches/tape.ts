/**
 * tfjs keeps all that a gradient is made of until the last of it is computed: every tensor saved on the way forward, every
 * gradient on the way back. That is twice the memory of the forward pass. Here each goes when the last that needs it is done.
 */
import * as tf from '@tensorflow/tfjs-core';

type Gradient = (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;

interface TapeNode {
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved: tf.Tensor[] | null;
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
    node.gradient = dys => {
      const walk = walks.at(-1);
      // Within the forward pass of another gradient all of this is needed again.
      return walk && this.state.gradientDepth === 0 ? step(walk, node, gradient, dys) : gradient(dys);
    };
  };
}

function step(
  walk: Walk,
  node: TapeNode,
  gradient: Gradient,
  dys: (tf.Tensor | null)[],
): ReturnType<Gradient> {
  tf.dispose(walk.done);
  const saved = node.saved ?? [];
  const own = walk.started
    ? dys.filter((dy, i): dy is tf.Tensor => dy !== null && !walk.asked.has(node.outputs[i].id))
    : [];
  walk.started = true;
  walk.done = [...own, ...saved];
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
