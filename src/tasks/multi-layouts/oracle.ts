/** Fills the fields by their labels, then sends the form. */
import type { Oracle } from '../contract.ts';
import { movieSearch } from '../oracle-movies.ts';

export const oracle: Oracle = movieSearch;
