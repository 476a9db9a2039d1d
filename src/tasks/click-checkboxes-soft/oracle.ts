/** Clicks the first box that is not as it should be; Submit when all are. */
import type { Oracle } from '../contract.ts';
import { click, one } from '../oracle.ts';

export const oracle: Oracle = page => {
  const { rows } = page.document.defaultView as unknown as {
    rows: { input: HTMLInputElement; wanted: boolean }[];
  };
  const wrong = rows.find(row => row.input.checked !== row.wanted);
  return click(page, wrong?.input ?? one(page, '#subbtn'));
};
