/** As on social-media-all. */
export { oracle } from '../social-media-all/oracle.ts';
