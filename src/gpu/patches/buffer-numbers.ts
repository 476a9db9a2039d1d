/** A number for every buffer and layout that is asked about, in the order of asking: what names of bind groups are made of. */

const numbers = new WeakMap<object, number>();
let next = 0;

/** The same for the same object, and never another's. */
export function numberOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = next++));
  return number;
}
