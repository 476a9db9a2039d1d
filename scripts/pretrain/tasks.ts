/** The tasks of the embedded policy's warm start. */
export const TASKS = [
  'click-test',
  'click-test-2',
  'click-button',
  'click-button-sequence',
  'click-dialog',
  'click-dialog-2',
  'click-link',
  'click-tab',
  'click-checkboxes',
  'click-option',
  'click-color',
  'identify-shape',
  'enter-text',
  'focus-text',
  'choose-list',
  'login-user',
];
