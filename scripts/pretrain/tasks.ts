/** The tasks of the embedded policy's warm start, and those of them that GRPO is shown on. */
import { pageNames } from '../miniwob-pages.ts';

/** The whole catalogue. */
export const TASKS = pageNames();

/** A dozen that take more than one fixed answer: where GRPO has something to teach. */
export const DOZEN = [
  'click-button',
  'click-button-sequence',
  'click-dialog-2',
  'click-link',
  'click-tab',
  'click-checkboxes',
  'click-option',
  'click-color',
  'identify-shape',
  'enter-text',
  'choose-list',
  'login-user',
];
