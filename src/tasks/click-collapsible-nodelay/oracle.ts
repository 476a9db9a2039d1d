/** As for click-collapsible. */
export { oracle } from '../click-collapsible/oracle.ts';
