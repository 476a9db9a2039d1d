/** daily-calendar: mouse: an event in a day. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'daily-calendar',
  title: 'Daily Calendar Task',
  summary: 'Drag over the half hours of a free stretch, name the event, Create.',
  category: 'hidden test',
  needs: ['click', 'type', 'drag', 'scroll', 'several-steps'],
  split: 'train',
  episodeMaxTime: 20_000,
};
