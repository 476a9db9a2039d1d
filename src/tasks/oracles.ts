/** The tasks' oracles by name, apart from the pages so that the agent's bundle does not carry them. */
import type { Oracle } from './contract.ts';

const FOUND = import.meta.glob<Oracle>('./*/oracle.ts', { eager: true, import: 'oracle' });

export const ORACLES: Readonly<Record<string, Oracle>> = Object.fromEntries(
  Object.entries(FOUND).map(([path, oracle]) => [path.split('/')[1]!, oracle]),
);
