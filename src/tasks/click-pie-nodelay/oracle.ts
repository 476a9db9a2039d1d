/** As for click-pie. */
export { oracle } from '../click-pie/oracle.ts';
