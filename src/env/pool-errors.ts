/** Why a call on the pool of frames fails that no page has answered. */
import { EnvironmentError } from './errors.ts';
import type { Slot } from './slot.ts';

/** What reaches an operation whose frame was removed because another one hung. */
export const REPLACED = new EnvironmentError('frame-lost', {
  message: 'The frames were replaced because one of them hung.',
});

export function closed(): EnvironmentError {
  return new EnvironmentError('pool-closed', { message: 'The pool of frames was disposed of.' });
}

export function hung(slot: Slot): EnvironmentError {
  const { episode } = slot;
  const which = episode ? ` (${episode.task}, seed ${episode.seed})` : '';
  return new EnvironmentError('frame-hung', {
    message: `The task's page${which} ran without end and was stopped. Its episode is dropped; look for an endless loop in the page.`,
  });
}
