/** What a recipe is: the parts that a policy is made of from nothing, as data. `plan.ts` makes jobs of it, `play.ts` does them. */
import type { RunConfig } from '../../src/config.ts';
import { UsageError } from '../options.ts';
import { NANO } from './recipes/nano.ts';

export interface Recipe {
  name: string;
  /** What the policy is, for its card. */
  about: string;
  /** Settings of every part that learns, where it says nothing else. */
  settings: Partial<RunConfig>;
  /** In their order. */
  parts: Part[];
  /** The part whose policy is the recipe's. */
  result: string;
}

export type Part = StartPart | CollectPart | LearnPart | SumPart | ScorePart;

interface Named {
  name: string;
  /** A sentence for the card. */
  what: string;
}

/** Sizes and a tokenizer, learned from what the oracles read and say; no weights. */
export interface StartPart extends Named {
  kind: 'start';
  /** Entries of the tokenizer. */
  vocabulary: number;
  /** Episodes of every task whose texts it is learned from. */
  episodes: number;
}

/** Demonstrations of the oracles. Each of `sets` is collected `rounds` times, in a browser and with a seed of its own. */
export interface CollectPart extends Named {
  kind: 'collect';
  /** The part that has the tokenizer. */
  from: string;
  rounds: number;
  /** Of the first set of the first round; the others count on from there. */
  seed: number;
  sets: { tasks: readonly string[]; demonstrations: number }[];
  frames: number;
}

/** A warm start from what was collected. */
export interface LearnPart extends Named {
  kind: 'learn';
  /** The part that it begins with: the start, whose weights are drawn from the seed, or one with weights. */
  from: string;
  /** Parts that collected. */
  reads: string[];
  seed: number;
  steps: number;
  /** Step after which it ends, if that is before `steps`, which the learning rate follows. */
  endAfter?: number;
  /** How often which tasks are drawn; what none of them names weighs 1, and the last that names a task counts. */
  weights: Weight[];
  settings: Partial<RunConfig>;
}

export interface Weight {
  tasks: readonly string[];
  weight: number;
}

/** The weighted sum of other parts' weights. */
export interface SumPart extends Named {
  kind: 'sum';
  /** Part → its share; they add up to 1. */
  shares: Record<string, number>;
}

/** Success on held-out pages, greedy. */
export interface ScorePart extends Named {
  kind: 'score';
  /** What its figures are, over their column. */
  column: string;
  /** The part that is played. */
  of: string;
  tasks: readonly string[];
  settings: Partial<RunConfig>;
}

export const RECIPES: Record<string, Recipe> = { nano: NANO };

/** @throws {UsageError} where there is none of that name */
export function recipeNamed(name: string): Recipe {
  const recipe = RECIPES[name];
  if (!recipe) throw new UsageError(`--recipe takes ${Object.keys(RECIPES).join(', ')}, not "${name}".`);
  return recipe;
}
