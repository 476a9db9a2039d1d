/** The tasks of the embedded policy's warm start, and those of them that GRPO is shown on. */
import { pageNames } from '../miniwob-pages.ts';

/** The whole catalogue. */
export const TASKS = pageNames();

/** A dozen that the embedded policy has the skill for and, by its habit, mostly does not show: where GRPO has something to teach. */
export const DOZEN = [
  'click-test-2',
  'click-button',
  'click-button-sequence',
  'click-dialog',
  'click-dialog-2',
  'click-tab',
  'click-checkboxes',
  'click-option',
  'click-color',
  'enter-text',
  'focus-text',
  'login-user',
];
