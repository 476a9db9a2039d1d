/** As for click-collapsible-2. */
export { oracle } from '../click-collapsible-2/oracle.ts';
