/** Token-by-token generation of a batch of sequences from caches of keys and values. */
import * as tf from '@tensorflow/tfjs-core';
import { decodeAttention, type KvCache } from '../../gpu/ops/index.ts';
import type { DecodeState } from '../policy.ts';
import type { WeightView } from '../weight-view.ts';
import { mlpBlock, turnedHeads } from './blocks.ts';
import type { Qwen3TextConfig } from './config.ts';
import { TEXT } from './parameters.ts';
import type { MultiAxisRotary } from './rotary.ts';

export class Qwen3DecodeState implements DecodeState {
  constructor(
    private readonly config: Qwen3TextConfig,
    private readonly rotary: MultiAxisRotary,
    private readonly view: WeightView,
    /** Kept by the caller, owned by the state. */
    private last: tf.Tensor2D,
    private readonly caches: KvCache[],
    /** Tokens of each sequence in the caches. */
    private readonly counts: Int32Array,
    /** Where each sequence's next token stands: an image takes more places in the caches than positions. */
    private readonly positions: Int32Array,
  ) {}

  get hidden(): tf.Tensor2D {
    return this.last;
  }

  fork(rows: Int32Array): Qwen3DecodeState {
    const hidden = tf.tidy(() => tf.gather(this.last, tf.tensor1d(rows, 'int32')));
    return new Qwen3DecodeState(
      this.config,
      this.rotary,
      this.view,
      tf.keep(hidden),
      this.caches.map(cache => cache.fork(rows)),
      rows.map(row => this.counts[row]),
      rows.map(row => this.positions[row]),
    );
  }

  step(tokens: Int32Array): void {
    const { view } = this;
    const { normEps } = this.config;
    const hidden = tf.tidy(() => {
      const angles = this.rotary.at(this.positions);
      let x = view.embed(`${TEXT}embed_tokens.weight`, tf.tensor1d(tokens, 'int32'));
      this.caches.forEach((cache, index) => {
        const path = `${TEXT}layers.${index}.`;
        const y = view.rmsNorm(`${path}input_layernorm`, x, normEps);
        const { q, k, v } = turnedHeads(view, `${path}self_attn.`, y, this.config, angles);
        const heads = (rows: tf.Tensor2D): tf.Tensor3D =>
          tf.reshape(rows, [tokens.length, -1, this.config.headSize]);
        const mixed = decodeAttention(heads(q), heads(k), heads(v), cache, this.counts);
        const flat = tf.reshape(mixed, [tokens.length, -1]) as tf.Tensor2D;
        x = view.linear(`${path}self_attn.o_proj`, flat, x);
        const z = view.rmsNorm(`${path}post_attention_layernorm`, x, normEps);
        x = mlpBlock(view, `${path}mlp.`, z, x);
      });
      return view.rmsNorm(`${TEXT}norm`, x, normEps);
    });
    this.last.dispose();
    this.last = tf.keep(hidden);
    for (let sequence = 0; sequence < tokens.length; sequence++) {
      this.counts[sequence]++;
      this.positions[sequence]++;
    }
  }

  dispose(): void {
    this.last.dispose();
    for (const cache of this.caches) cache.dispose();
  }
}
