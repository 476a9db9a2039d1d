/** As for use-autocomplete. */
export { oracle } from '../use-autocomplete/oracle.ts';
