/** The oracle of the film search forms: multi-layouts and multi-orderings. */
import type { Oracle } from './contract.ts';
import { all, click, fill, one, parseGoal } from './oracle.ts';

/** Fills the first field that does not hold what its row asks for; then sends the form. */
export const movieSearch: Oracle = page => {
  const [genre, director, year] = parseGoal(
    page,
    /^Search for (.*) movies directed by (.*) from year (.*)\.$/,
  );
  for (const field of all<HTMLInputElement>(page, '#area input')) {
    const row = field.closest('p, tr, .row, .field, .entry')!;
    const label = row.textContent.toLowerCase();
    const value = label.includes('genre') ? genre : label.includes('director') ? director : year;
    if (field.value !== value) return fill(page, field, value!);
  }
  return click(page, one(page, '#area :is(button, .final, .send)'));
};
