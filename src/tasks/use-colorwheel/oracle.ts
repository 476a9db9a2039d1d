/** Types the colour's hexadecimal form, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, fill, one, parseGoal } from '../oracle.ts';

export const oracle: Oracle = page => {
  const [name] = parseGoal(page, /^Select (\w+) with/);
  const { colorHex } = page.document.defaultView as unknown as { colorHex(name: string): string };
  const hex = colorHex(name!);
  const field = one<HTMLInputElement>(page, '#col');
  return field.value.toLowerCase() === hex ? click(page, one(page, '#subbtn')) : fill(page, field, hex);
};
