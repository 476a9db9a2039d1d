/** As on click-tab-2. */
export { oracle } from '../click-tab-2/oracle.ts';
