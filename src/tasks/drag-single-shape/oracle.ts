/** As on drag-circle. */
export { oracle } from '../drag-circle/oracle.ts';
