/** The tasks of the embedded policy's warm start, and those of them that GRPO is shown on. */
import { pageNames } from '../miniwob-pages.ts';

/** The whole catalogue. */
export const TASKS = pageNames();

/** A dozen that the embedded policy has the skill for and, by its habit, mostly does not show: where GRPO has something to teach. */
export const DOZEN = [
  'enter-text',
  'click-dialog-2',
  'click-button-sequence',
  'click-tab',
  'focus-text-2',
  'count-sides',
  'use-spinner',
  'form-sequence-3',
  'search-engine',
  'click-collapsible',
  'click-test-2',
  'sign-agreement',
];
