/**
 * What a demonstration would have said had its hand slipped to another element of the same kind.
 *
 * Who learns from an unerring teacher alone becomes so certain that all tries of a group are the same, and GRPO, which
 * compares them, has nothing to compare. A share of slips keeps other elements of the kind within reach: any of them, or
 * the first, as a bad habit that rewards can break.
 */
import type { RunConfig } from '../config.ts';
import { hashKey } from '../gpu/index.ts';

/** An element's line of the AXTree in a prompt, indented by its depth: `[13] button 'OK'`. */
const ELEMENT = /^([\t ]*)\[([^\]\s]+)\] (\w+)/gm;

/** The bid that an action begins with: `click('13')`. */
const TARGET = /^\s*\w+\(\s*['"]([^'"]+)['"]/;

/**
 * @param prompt  its text, with the AXTree in it
 * @param reply  one action
 * @param to  `any` other element of its target's role that does not hold the target, or the `first` of that role
 * @returns the same action on each element that it may slip to; none for an action on no element, or on the only one, and
 *   with `first` for one that is on the first already
 */
export function slips(prompt: string, reply: string, to: RunConfig['sft_slip_to']): string[] {
  const target = TARGET.exec(reply)?.[1];
  if (target === undefined) return [];
  const elements = [...prompt.matchAll(ELEMENT)].map(([, depth, bid, role]) => ({ depth, bid, role }));
  const at = elements.findIndex(({ bid }) => bid === target);
  // A box's role is also that of all that holds it: the nearest line above that is indented less, and so on from there.
  const holders = new Set<unknown>();
  let depth = elements[at]?.depth.length ?? 0;
  for (const element of elements.slice(0, Math.max(at, 0)).reverse()) {
    if (element.depth.length >= depth) continue;
    depth = element.depth.length;
    holders.add(element);
  }
  const alike = elements.filter(element => element.role === elements[at]?.role && !holders.has(element));
  return (to === 'first' ? alike.slice(0, 1) : alike)
    .filter(({ bid }) => bid !== target)
    .map(({ bid }) => reply.replace(target, bid));
}

/**
 * Whether the `i`-th turn of a supervised step, one of `task`, slips where it can: with probability `sft_slip_rate` where the
 * task is one of those that slip.
 */
export function isSlip(
  { seed, sft_slip_rate, sft_slip_tasks }: Pick<RunConfig, 'seed' | 'sft_slip_rate' | 'sft_slip_tasks'>,
  task: string,
  step: number,
  i: number,
): boolean {
  if (sft_slip_tasks && !sft_slip_tasks.includes(task)) return false;
  return hashKey(seed, 'sft-slip', step, i) / 2 ** 32 < sft_slip_rate;
}

/** One of the slips, each as likely; undefined where there is none. */
export function drawSlip(
  { seed }: Pick<RunConfig, 'seed'>,
  step: number,
  i: number,
  from: readonly string[],
): string | undefined {
  return from[hashKey(seed, 'sft-slip-to', step, i) % from.length];
}
