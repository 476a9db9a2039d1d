/** The tasks' oracles by name, apart from the pages so that the agent's bundle does not carry them. */
import type { Oracle } from './contract.ts';
import { oracle as clickButton } from './click-button/oracle.ts';
import { oracle as clickColor } from './click-color/oracle.ts';
import { oracle as clickTest } from './click-test/oracle.ts';

export const ORACLES: Readonly<Record<string, Oracle>> = {
  'click-test': clickTest,
  'click-button': clickButton,
  'click-color': clickColor,
};
