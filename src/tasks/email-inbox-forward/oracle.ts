/** As on email-inbox. */
export { oracle } from '../email-inbox/oracle.ts';
