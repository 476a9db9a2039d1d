/** As on book-flight. */
export { oracle } from '../book-flight/oracle.ts';
