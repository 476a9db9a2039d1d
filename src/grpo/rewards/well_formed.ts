/** Whether what the policy says is an action at all. */
import type { Reward, TurnOutcome } from './reward.ts';

/** What the action grammar raises before anything is done: no call, an unknown one, wrong arguments. */
const MALFORMED = /^(?:NameError|TypeError|SyntaxError|RecursionError|ValueError: Received)/;

export function isWellFormed({ error }: TurnOutcome): boolean {
  return !MALFORMED.test(error);
}

export const wellFormed: Reward = {
  name: 'well_formed',
  description: 'Share of the replies that are an action of the action set.',
  reward: ({ turns }) => (turns.length === 0 ? null : turns.filter(isWellFormed).length / turns.length),
};
