/** The reference policy of the KL term: the model without its adapter, or a copy of what trains, which may follow the policy. */
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config.ts';
import type { Policy, Sequence } from '../models/policy.ts';
import { readScores } from './score.ts';

interface Copy {
  name: string;
  variable: tf.Variable;
  copy: tf.Variable;
}

type Settings = Pick<
  RunConfig,
  'use_peft' | 'sync_ref_model' | 'ref_model_mixup_alpha' | 'ref_model_sync_steps' | 'temperature'
>;

export class Reference {
  /** Null where the adapter is turned off instead. */
  readonly #copies: Copy[] | null;

  /**
   * Takes its copy now, so it must be made before a checkpoint is put back.
   *
   * @param continued  whether the run starts from an adapter: the reference is then that adapter, as in TRL, not the bare model.
   */
  constructor(
    readonly policy: Policy,
    readonly config: Settings,
    continued: boolean,
  ) {
    const off = config.use_peft && !config.sync_ref_model && !continued;
    this.#copies = off
      ? null
      : policy.trainable().map(({ name, variable }) => ({
          name,
          variable,
          copy: tf.tidy(() => tf.variable(tf.clone(variable), false)),
        }));
  }

  /** Log-probabilities of the rows' completions, one array a row. */
  async logps<T extends { sequence: Sequence }>(rows: readonly T[], budget: number): Promise<Float32Array[]> {
    const { policy, config } = this;
    const read = async (adapter: boolean) => {
      const scores = await readScores(policy, rows, config.temperature, budget, { adapter });
      return scores.map(score => score.logps);
    };
    if (!this.#copies) return read(false);
    const own = this.#copies.map(({ variable }) => tf.clone(variable));
    try {
      for (const { variable, copy } of this.#copies) variable.assign(tf.clone(copy));
      return await read(true);
    } finally {
      this.#copies.forEach(({ variable }, i) => variable.assign(own[i]));
    }
  }

  /**
   * After optimizer step `step`: every ref_model_sync_steps, reference = (1 - α) · reference + α · policy.
   *
   * @see TRL SyncRefModelCallback
   */
  synchronise(step: number): void {
    const { sync_ref_model, ref_model_sync_steps, ref_model_mixup_alpha: alpha } = this.config;
    if (!sync_ref_model || step % ref_model_sync_steps !== 0) return;
    for (const { variable, copy } of this.#copies ?? []) {
      copy.assign(tf.tidy(() => tf.add(tf.mul(copy, 1 - alpha), tf.mul(variable, alpha))));
    }
  }

  /** What a checkpoint holds of it: nothing of a reference that the start of the run gives anew. */
  *variables(): Iterable<[string, tf.Variable]> {
    if (!this.config.sync_ref_model) return;
    for (const { name, copy } of this.#copies ?? []) yield [`reference/${name}`, copy];
  }

  dispose(): void {
    for (const { copy } of this.#copies ?? []) copy.dispose();
  }
}
