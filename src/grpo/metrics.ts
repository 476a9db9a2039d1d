/** What a step reports, under TRL's names; sums are kept until the step ends, so micro-batches of any size add up. */
import { maximum, mean, minimum } from './statistics.ts';

/** A number over tokens, rows or episodes, in a form that can be added to others of its name. */
export interface Reading {
  name: string;
  how: 'mean' | 'min' | 'max';
  /** The sum of the values for a mean, else their extreme. */
  value: number;
  /** How many values (of a mean: their total weight). A reading of 0 values counts for nothing. */
  weight: number;
}

/** A mean over the tokens that `mask` selects. */
export function tokenMean(name: string, values: ArrayLike<number>, mask: ArrayLike<number>): Reading {
  let value = 0;
  let weight = 0;
  for (let i = 0; i < mask.length; i += 1) {
    if (mask[i] === 0) continue;
    value += values[i] * mask[i];
    weight += mask[i];
  }
  return { name, how: 'mean', value, weight };
}

/** The mean, least or largest of some values; those that are NaN do not count. */
export function reading(name: string, how: Reading['how'], values: Iterable<number>): Reading {
  const present = [...values].filter(value => !Number.isNaN(value));
  const weight = present.length;
  if (how === 'mean') return { name, how, value: present.reduce((sum, value) => sum + value, 0), weight };
  return { name, how, value: how === 'min' ? minimum(present) : maximum(present), weight };
}

/** Collects what micro-batches read and gives the step's numbers. */
export class MetricAccumulator {
  readonly #readings = new Map<string, Reading>();

  add(readings: Iterable<Reading>): void {
    for (const next of readings) {
      if (next.weight === 0) continue;
      const known = this.#readings.get(next.name);
      this.#readings.set(next.name, known ? merge(known, next) : { ...next });
    }
  }

  /** One number per name that had any value; means are weighted by what they are means over. */
  values(): Record<string, number> {
    return Object.fromEntries(
      [...this.#readings.values()].map(({ name, how, value, weight }) => [
        name,
        how === 'mean' ? value / weight : value,
      ]),
    );
  }

  clear(): void {
    this.#readings.clear();
  }
}

function merge(a: Reading, b: Reading): Reading {
  if (a.how === 'mean') return { ...a, value: a.value + b.value, weight: a.weight + b.weight };
  const value = a.how === 'min' ? Math.min(a.value, b.value) : Math.max(a.value, b.value);
  return { ...a, value, weight: a.weight + b.weight };
}

/**
 * Averages each metric over the steps of a logging window, leaving out NaN and steps that lack it, as TRL does.
 * A name that was only ever NaN stays NaN: it was reported, and had nothing to say.
 */
export function averageWindow(steps: readonly Record<string, number>[]): Record<string, number> {
  const names = new Set(steps.flatMap(step => Object.keys(step)));
  return Object.fromEntries([...names].map(name => [name, mean(steps.map(step => step[name] ?? NaN))]));
}

/** How long the replies of a generation batch are. */
export interface CompletionShape {
  /** Tokens that the policy produced, its stop token among them. */
  length: number;
  /** False when max_completion_length cut it off. */
  terminated: boolean;
}

/**
 * TRL's `completions/*` over the replies of one generation batch. A reply is one turn: what a fresh prompt produced.
 * Terminated lengths are 0 when every reply was cut off, as in TRL.
 */
export function completionMetrics(completions: readonly CompletionShape[]): Record<string, number> {
  const lengths = completions.map(completion => completion.length);
  const ended = completions.filter(completion => completion.terminated).map(completion => completion.length);
  const endedOrZero = ended.length > 0 ? ended : [0];
  return {
    'completions/mean_length': mean(lengths),
    'completions/min_length': minimum(lengths),
    'completions/max_length': maximum(lengths),
    'completions/clipped_ratio': 1 - ended.length / completions.length,
    'completions/mean_terminated_length': mean(endedOrZero),
    'completions/min_terminated_length': minimum(endedOrZero),
    'completions/max_terminated_length': maximum(endedOrZero),
  };
}
