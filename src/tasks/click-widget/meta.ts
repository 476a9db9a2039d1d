/** click-widget: a widget of one kind among five. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'click-widget',
  title: 'Click Widget Task',
  summary: 'Click any widget of the named kind.',
  category: 'original',
  needs: ['click'],
  split: 'test',
  episodeMaxTime: 10_000,
};
