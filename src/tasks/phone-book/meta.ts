/** phone-book: one detail of one of five contacts. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'phone-book',
  title: 'Phone Book Task',
  summary: "Page through five contacts and click one's phone number, e-mail or address.",
  category: 'hidden test',
  needs: ['click', 'several-steps'],
  split: 'test',
  episodeMaxTime: 15_000,
};
