/** As for choose-date. */
export { oracle } from '../choose-date/oracle.ts';
