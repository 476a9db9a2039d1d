/** Replies that cannot but be actions: what `constrain_actions` has the sampler draw from. */
import type { RunConfig } from '../../config.ts';
import type { Policy } from '../../models/policy.ts';
import type { Observation } from '../../protocol.ts';
import { actionPattern, bidsOf } from './actions.ts';
import { Automaton } from './automaton.ts';
import { TokenTable } from './token-table.ts';

/** What a sequence may say. Its states are of the text so far. */
export interface Constraint {
  readonly start: number;
  /** [vocabulary / 32], a bit for each token that may come next; at least one is set. */
  allowed(state: number): Uint32Array;
  after(state: number, token: number): number;
}

/** Constraints kept for pages whose elements have the same names; pages of a task often do. */
const MOST_KEPT = 64;

/**
 * @returns the constraint of a turn: one well-formed action of the run's set on an element of what is observed
 * @throws {ModelFormatError} tokenizer-unfit when the tokenizer's tokens are not bytes
 */
export function actionConstraints(
  { action_set, multiaction }: Pick<RunConfig, 'action_set' | 'multiaction'>,
  policy: Policy,
): (observation: Observation) => Constraint {
  const { tokenizer, info } = policy;
  const table = new TokenTable(tokenizer.bytesById(), tokenizer.eosIds, info.vocabularySize);
  const kept = new Map<string, Constraint>();
  return observation => {
    const bids = bidsOf(observation);
    const name = bids.join(' ');
    const known = kept.get(name);
    if (known) return known;
    if (kept.size >= MOST_KEPT) kept.clear();
    const automaton = new Automaton(actionPattern(action_set, bids, multiaction));
    const constraint: Constraint = {
      start: automaton.start,
      allowed: state => table.allowed(automaton, state),
      after: (state, token) => table.after(automaton, state, token),
    };
    kept.set(name, constraint);
    return constraint;
  };
}
