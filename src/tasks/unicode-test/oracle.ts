/** As on click-button. */
export { oracle } from '../click-button/oracle.ts';
