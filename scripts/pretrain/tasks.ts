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

/** One element of a kind by its label, or by its colour. */
export const BUTTONS = ['click-button', 'click-color'];

/** Where the policy must read or look, and learns the more the more pages it has seen. */
export const READING = [
  'identify-shape',
  'click-link',
  'click-option',
  'click-checkboxes',
  'login-user',
  'enter-text-2',
  'text-transform',
  'unicode-test',
  'click-widget',
  'count-shape',
  'click-tab-2',
  'click-shape',
  'enter-password',
  'login-user-popup',
];

/** Dragging, drawing, calendars, flights, social media, what moves: long, or out of such a small policy's reach. */
export const DRAWING = [
  'bisect-angle',
  'book-flight',
  'book-flight-nodelay',
  'choose-date',
  'choose-date-easy',
  'choose-date-medium',
  'choose-date-nodelay',
  'circle-center',
  'click-checkboxes-large',
  'click-menu',
  'click-shades',
  'click-tab-2-hard',
  'daily-calendar',
  'drag-box',
  'drag-circle',
  'drag-items-grid',
  'drag-shapes',
  'drag-shapes-2',
  'drag-single-shape',
  'drag-sort-numbers',
  'draw-circle',
  'draw-line',
  'find-midpoint',
  'hot-cold',
  'number-checkboxes',
  'resize-textarea',
  'right-angle',
  'scroll-text',
  'social-media',
  'social-media-all',
  'social-media-some',
  'terminal',
  'text-editor',
  'use-slider',
  'use-slider-2',
];
