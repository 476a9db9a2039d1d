/** Token-by-token generation of a batch of sequences, from caches of keys, values and the conv blocks' last inputs. */
import * as tf from '@tensorflow/tfjs-core';
import { decodeAttention, KvCache, rotary } from '../../gpu/ops/index.ts';
import type { DecodeState } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import type { Lfm2Backbone } from './backbone.ts';
import { convKernel, convParts, normedHeads } from './blocks.ts';
import type { LayerTrace } from './layout.ts';
import type { RotaryRows } from './rotary-tables.ts';

/** Of a conv layer the last L - 1 inputs, [sequences, L - 1, D] (absent when L = 1); of an attention layer its cache. */
type LayerState = { kind: 'conv'; inputs?: tf.Tensor3D } | { kind: 'attention'; cache: KvCache };

export class Lfm2DecodeState implements DecodeState {
  #hidden: tf.Tensor2D;

  private constructor(
    private readonly backbone: Lfm2Backbone,
    private readonly view: WeightView,
    hidden: tf.Tensor2D,
    private readonly layers: LayerState[],
    /** Where each sequence's next token stands. */
    private readonly positions: Int32Array,
  ) {
    this.#hidden = hidden;
  }

  /**
   * Runs prompts of the given lengths, right-padded to `length`, as one batch.
   * @param x  [lengths · length, D], embedded
   * @param capacity  new tokens that the caches have room for
   */
  static prefill(
    backbone: Lfm2Backbone,
    view: WeightView,
    x: tf.Tensor2D,
    lengths: Int32Array,
    length: number,
    capacity: number,
  ): Lfm2DecodeState {
    const layers: LayerState[] = [];
    const hidden = tf.tidy(() => {
      const trace: LayerTrace = {
        onConvInput: (layer, bcx) => {
          layers[layer] = { kind: 'conv', inputs: lastInputs(bcx, lengths, backbone.config.kernelSize) };
        },
        onKeyValue: (layer, keysAndValues) => {
          const cache = KvCache.fromPrefill(...keysAndValues.byHead(), length + capacity);
          layers[layer] = { kind: 'attention', cache };
        },
      };
      const rows = lengths.map((tokens, sequence) => sequence * length + tokens - 1);
      return backbone.forward(view, x, backbone.padded({ batch: lengths.length, length }, trace), rows);
    });
    return new Lfm2DecodeState(backbone, view, tf.keep(hidden), layers, lengths.slice());
  }

  get hidden(): tf.Tensor2D {
    return this.#hidden;
  }

  fork(rows: Int32Array): Lfm2DecodeState {
    const layers = this.layers.map((layer): LayerState => {
      if (layer.kind === 'attention') return { kind: 'attention', cache: layer.cache.fork(rows) };
      return { kind: 'conv', inputs: layer.inputs && tf.keep(gatherRows(layer.inputs, rows)) };
    });
    const positions = rows.map(row => this.positions[row]);
    return new Lfm2DecodeState(
      this.backbone,
      this.view,
      tf.keep(gatherRows(this.#hidden, rows)),
      layers,
      positions,
    );
  }

  step(tokens: Int32Array): void {
    const { backbone, view } = this;
    const hidden = tf.tidy(() => {
      const angles = backbone.rotary.at(this.positions);
      let x = view.embed(backbone.embeddingName, tf.tensor1d(tokens, 'int32'));
      this.layers.forEach((layer, index) => {
        const path = backbone.layerPath(index);
        const y = view.rmsNorm(`${path}operator_norm`, x, backbone.config.normEps);
        const mixed =
          layer.kind === 'conv'
            ? this.#stepConv(`${path}conv.`, y, layer)
            : this.#stepAttention(`${path}self_attn.`, y, layer.cache, angles);
        x = backbone.mlp(view, path, tf.add(x, mixed));
      });
      return backbone.finalNorm(view, x);
    });
    this.#hidden.dispose();
    this.#hidden = tf.keep(hidden);
    for (let sequence = 0; sequence < this.positions.length; sequence++) this.positions[sequence]++;
  }

  dispose(): void {
    this.#hidden.dispose();
    for (const layer of this.layers) {
      if (layer.kind === 'attention') layer.cache.dispose();
      else layer.inputs?.dispose();
    }
  }

  #stepConv(path: string, y: tf.Tensor2D, layer: LayerState & { kind: 'conv' }): tf.Tensor2D {
    const [gateIn, gateOut, x] = convParts(this.view.linear(`${path}in_proj`, y));
    const [sequences, size] = y.shape;
    const kernel = convKernel(this.view, path);
    const u = tf.reshape(tf.mul(gateIn, x), [sequences, 1, size]) as tf.Tensor3D;
    const window = layer.inputs ? tf.concat([layer.inputs, u], 1) : u;
    if (layer.inputs) {
      layer.inputs.dispose();
      layer.inputs = tf.keep(tf.slice(window, [0, 1, 0], [sequences, kernel.shape[1] - 1, size]));
    }
    let mixed = tf.sum(tf.mul(window, tf.transpose(kernel)), 1) as tf.Tensor2D;
    if (this.view.has(`${path}conv.bias`)) mixed = tf.add(mixed, this.view.get(`${path}conv.bias`));
    return this.view.linear(`${path}out_proj`, tf.mul(gateOut, mixed));
  }

  #stepAttention(path: string, y: tf.Tensor2D, cache: KvCache, angles: RotaryRows): tf.Tensor2D {
    const { config } = this.backbone;
    const sequences = y.shape[0];
    const rotated = (which: 'q' | 'k', heads: number): tf.Tensor3D => {
      const x = tf.reshape(normedHeads(this.view, path, which, y, config), [
        sequences,
        heads,
        1,
        config.headSize,
      ]);
      const of = (table: tf.Tensor2D): tf.Tensor => tf.reshape(table, [sequences, 1, 1, config.headSize]);
      const turned = rotary(x as tf.Tensor4D, of(angles.cos), of(angles.sin));
      return tf.reshape(turned, [sequences, heads, config.headSize]);
    };
    const q = rotated('q', config.heads);
    const k = rotated('k', config.keyValueHeads);
    const v = tf.reshape(this.view.linear(`${path}v_proj`, y), k.shape) as tf.Tensor3D;
    const mixed = decodeAttention(q, k, v, cache, this.positions);
    return this.view.linear(`${path}out_proj`, tf.reshape(mixed, [sequences, -1]) as tf.Tensor2D);
  }
}

/** x[rows] along the first dimension. */
function gatherRows<T extends tf.Tensor>(x: T, rows: Int32Array): T {
  return tf.tidy(() => tf.gather(x, tf.tensor1d(rows, 'int32')));
}

/** The last L - 1 inputs of the convolution before each sequence's end, zeros before its beginning. */
function lastInputs(bcx: tf.Tensor2D, lengths: Int32Array, kernelSize: number): tf.Tensor3D | undefined {
  const kept = kernelSize - 1;
  if (kept === 0) return undefined;
  const length = bcx.shape[0] / lengths.length;
  // Each place's position in its sequence, below 0 before the beginning.
  const positions = Array.from(lengths, tokens => Array.from({ length: kept }, (_, i) => tokens - kept + i));
  const rows = positions.flatMap((all, sequence) => all.map(at => sequence * length + Math.max(0, at)));
  const [gateIn, , x] = convParts(tf.gather(bcx, tf.tensor1d(rows, 'int32')));
  const real = positions.flat().map(at => at >= 0);
  let last: tf.Tensor = tf.mul(gateIn, x);
  if (real.includes(false)) last = tf.where(tf.tensor2d(real, [real.length, 1], 'bool'), last, 0);
  return tf.keep(tf.reshape(last, [lengths.length, kept, x.shape[1]]));
}
