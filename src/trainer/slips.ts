/**
 * What a demonstration would have said had its hand slipped to another element of the same kind.
 *
 * Who learns from an unerring teacher alone becomes so certain that all tries of a group are the same, and GRPO, which
 * compares them, has nothing to compare. A share of slips keeps every element of the kind within reach.
 */

/** An element's line of the AXTree in a prompt: `[13] button 'OK'`. */
const ELEMENT = /^\s*\[([^\]\s]+)\] (\w+)/gm;

/** The bid that an action begins with: `click('13')`. */
const TARGET = /^\s*\w+\(\s*['"]([^'"]+)['"]/;

/**
 * @param prompt  its text, with the AXTree in it
 * @param reply  one action
 * @returns the same action on each other element of its target's role; none for an action on no element, or on the only one
 */
export function slips(prompt: string, reply: string): string[] {
  const target = TARGET.exec(reply)?.[1];
  if (target === undefined) return [];
  const roles = new Map([...prompt.matchAll(ELEMENT)].map(([, bid, role]) => [bid, role]));
  const role = roles.get(target);
  return [...roles.keys()]
    .filter(bid => bid !== target && roles.get(bid) === role)
    .map(bid => reply.replace(target, bid));
}
