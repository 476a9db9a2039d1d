/** The reward functions a run may name in reward_funcs. A new one is a file here and a line here. */
import { ConfigError } from '../../config/errors.ts';
import { custom } from './custom.ts';
import { length } from './length.ts';
import { maxOfSteps } from './max_of_steps.ts';
import { meanOfSteps } from './mean_of_steps.ts';
import { raw } from './raw.ts';
import type { Reward } from './reward.ts';
import { stepCost } from './step_cost.ts';
import { success } from './success.ts';
import { sumOfSteps } from './sum_of_steps.ts';
import { thresholded } from './thresholded.ts';
import { timeDiscounted } from './time_discounted.ts';
import { validBid } from './valid_bid.ts';
import { wellFormed } from './well_formed.ts';

export const REWARDS: readonly Reward[] = [
  sumOfSteps,
  meanOfSteps,
  maxOfSteps,
  success,
  raw,
  thresholded,
  timeDiscounted,
  wellFormed,
  validBid,
  stepCost,
  length,
  custom,
];

/**
 * The reward functions of these names, in order.
 *
 * @throws {ConfigError} `bad-config` for a name that is not in the registry.
 */
export function rewardsNamed(names: readonly string[]): Reward[] {
  return names.map(name => {
    const found = REWARDS.find(reward => reward.name === name);
    if (found) return found;
    throw new ConfigError([
      {
        field: 'reward_funcs',
        message: `reward_funcs names "${name}", which does not exist. Choose from ${REWARDS.map(reward => reward.name).join(', ')}.`,
      },
    ]);
  });
}
