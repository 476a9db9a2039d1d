/** email-inbox-nl-turk: the four actions, asked for in many ways. */
import type { TaskMeta } from '../contract.ts';

export const meta: TaskMeta = {
  name: 'email-inbox-nl-turk',
  title: 'Email Inbox Task',
  summary: 'Reply to, forward, delete or star one of four to eleven mails, as a sentence of many kinds asks.',
  category: 'additional',
  needs: ['click', 'type', 'scroll', 'several-steps'],
  split: 'test',
  episodeMaxTime: 30_000,
};
