/** Playwright's checks before an action, its retries on the virtual clock, and the words it has for what went wrong. */
import { formatCallLog, preview } from './call-log.ts';
import type { VirtualClock } from './clock.ts';
import { ActionError } from './frame-error.ts';
import { clickPoint, elementAt } from './geometry.ts';
import { scrollIntoView } from './scroll.ts';

/** ms; BrowserGym gives every locator call this long. */
const TIMEOUT = 500;
/** ms before each further attempt; the first follows at once and the last never comes. */
const RETRY_WAITS = [0, 20, 100, 100, 500];

export type State = 'visible' | 'enabled' | 'editable' | 'stable';

export interface Attempt {
  /** `click`, `fill`, ...: as in `Locator.click` and `attempting click action`. */
  action: string;
  states: State[];
  /** Scroll there and see whether the middle of the element receives events. */
  hit: boolean;
  /** What the log calls the action, where that is not its name. */
  verb?: string;
  /** Line of the log that comes before the attempts, such as `fill("x")`. */
  detail?: string;
}

/**
 * Waits until `element` can be acted on, then acts.
 *
 * @param act  does it; may return a reason not to, which is then waited out like a failed check.
 * @throws {ActionError} TimeoutError with the call log; Error for an element that never can.
 */
export async function whenActionable(
  element: Element,
  bid: string,
  attempt: Attempt,
  clock: VirtualClock,
  act: () => string | void,
): Promise<void> {
  const log = [`waiting for get_by_test_id("${bid}")`, `  locator resolved to ${preview(element)}`];
  if (attempt.detail !== undefined) log.push(`  ${attempt.detail}`);
  const { states } = attempt;
  const verb = attempt.verb ?? attempt.action;
  log.push(`attempting ${verb} action`);
  let waited = 0;
  for (const wait of RETRY_WAITS) {
    if (states.length > 0) log.push(`  waiting for element to be ${list(states)}`);
    const failure = check(element, attempt, log) ?? act() ?? null;
    if (failure === null) return;
    log.push(`  ${failure}`, `retrying ${verb} action`);
    if (wait > 0) log.push(`  waiting ${wait}ms`);
    await clock.advance(Math.min(wait, TIMEOUT - waited));
    waited += wait;
  }
  throw new ActionError(
    'TimeoutError',
    `Locator.${attempt.action}: Timeout ${TIMEOUT}ms exceeded.\nCall log:\n${formatCallLog(log)}`,
  );
}

/** An error that no waiting would cure, with the log up to it. */
export function hopeless(element: Element, bid: string, attempt: Attempt, reason: string): ActionError {
  const log = [`waiting for get_by_test_id("${bid}")`, `  locator resolved to ${preview(element)}`];
  if (attempt.detail !== undefined) log.push(`  ${attempt.detail}`);
  log.push(`attempting ${attempt.verb ?? attempt.action} action`);
  if (attempt.states.length > 0) log.push(`  waiting for element to be ${list(attempt.states)}`);
  return new ActionError(
    'Error',
    `Locator.${attempt.action}: Error: ${reason}\nCall log:\n${formatCallLog(log)}`,
  );
}

/** @returns why the element cannot be acted on now, null when it can. */
function check(element: Element, attempt: Attempt, log: string[]): string | null {
  for (const state of attempt.states) {
    if (!holds(element, state)) return `element is not ${state}`;
  }
  if (!attempt.hit) return null;
  log.push(`  element is ${list(attempt.states)}`, '  scrolling into view if needed');
  scrollIntoView(element);
  log.push('  done scrolling');
  const { x, y } = clickPoint(element);
  if (x < 0 || y < 0 || x > window.innerWidth || y > window.innerHeight)
    return 'element is outside of the viewport';
  return interceptor(element, elementAt(x, y));
}

/** Who gets the event instead of the element, in Playwright's words; null when the element does. */
export function interceptor(element: Element, hit: Element | null): string | null {
  if (hit && (element.contains(hit) || contains(element, hit))) return null;
  if (!hit) return `${preview(document.documentElement)} intercepts pointer events`;
  // Names the topmost ancestor that is not also an ancestor of the element: the whole of what lies in front.
  let root = hit;
  while (root.parentElement && !root.parentElement.contains(element)) root = root.parentElement;
  if (root === hit || hit.contains(element)) return `${preview(hit)} intercepts pointer events`;
  return `${preview(hit)} from ${preview(root)} subtree intercepts pointer events`;
}

/** A hit on the label's own control counts for the label, and one in a shadow tree for its host. */
function contains(element: Element, hit: Element): boolean {
  if (element instanceof HTMLLabelElement && element.control?.contains(hit)) return true;
  const root = hit.getRootNode();
  return root instanceof ShadowRoot && contains(element, root.host);
}

export function holds(element: Element, state: State): boolean {
  switch (state) {
    case 'visible': {
      const rect = element.getBoundingClientRect();
      return rect.width > 0 && rect.height > 0 && getComputedStyle(element).visibility === 'visible';
    }
    case 'enabled':
      return !isDisabled(followLabel(element));
    case 'editable': {
      const target = followLabel(element);
      return (
        !target.matches(':is(input, textarea)[readonly]') && target.getAttribute('aria-readonly') !== 'true'
      );
    }
    // Layout does not move while virtual time stands still.
    case 'stable':
      return true;
  }
}

function isDisabled(element: Element): boolean {
  if (element.matches(':disabled') || element.closest('button:disabled')) return true;
  return element.closest('[aria-disabled]')?.getAttribute('aria-disabled') === 'true';
}

/** Where Playwright looks for a control's state: the control itself, or the one that a label is for. */
export function followLabel(element: Element): Element {
  if (
    element.matches(
      'input, textarea, select, button, a, [role=button], [role=link], [role=checkbox], [role=radio]',
    )
  )
    return element;
  if (element instanceof HTMLElement && element.isContentEditable) return element;
  return element.closest('label')?.control ?? element;
}

/** `visible, enabled and stable`. */
function list(states: readonly string[]): string {
  return states.length < 2 ? states.join('') : `${states.slice(0, -1).join(', ')} and ${states.at(-1)}`;
}
