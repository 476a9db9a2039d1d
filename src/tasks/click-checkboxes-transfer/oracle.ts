/** As on click-checkboxes. */
export { oracle } from '../click-checkboxes/oracle.ts';
