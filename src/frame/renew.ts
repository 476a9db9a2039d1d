/**
 * Makes the frame's window fit for a second page: nothing that the one before declared is left. Making a frame costs a browser
 * several times what an episode does. Only for pages of which it is known that they change no built-in object.
 */
import { forgetAddresses } from './addresses.ts';
import { closeMenu } from './controls.ts';
import { forgetFocus } from './focus.ts';
import { forgetListeners } from './listeners.ts';
import { resetMarks } from './marking.ts';
import { setNavigationStart } from './navigation-start.ts';
import { forgetPositions } from './scroll.ts';

let own: ReadonlySet<string> | null = null;

/** Notes what the window holds before its first page. */
export function noteGlobals(): void {
  own = new Set(Object.getOwnPropertyNames(window));
}

/** Must run before the next page's document.open(), which drops its nodes and listeners. */
export function renewWindow(): void {
  clearGlobals();
  closeMenu();
  forgetFocus();
  setNavigationStart(null);
  forgetListeners();
  forgetPositions();
  resetMarks();
  forgetAddresses();
}

/** What `var` and `function` declare cannot be deleted, but reads as if it were not declared. */
function clearGlobals(): void {
  const globals = window as unknown as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(window)) {
    if (own?.has(name) || Reflect.deleteProperty(globals, name)) continue;
    globals[name] = undefined;
  }
}
