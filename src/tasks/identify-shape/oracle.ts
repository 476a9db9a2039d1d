/** Clicks the button for what the page drew. */
import type { Oracle } from '../contract.ts';
import { click, withText } from '../oracle.ts';

const LABELS: Readonly<Record<string, string>> = {
  rectangle: 'Rectangle',
  circle: 'Circle',
  triangle: 'Triangle',
  letter: 'Letter',
  digit: 'Number',
};

export const oracle: Oracle = page => {
  const { figure } = page.document.defaultView as unknown as { figure: string };
  return click(page, withText(page, '#buttons button', LABELS[figure]!));
};
