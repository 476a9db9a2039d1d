/** Which nodes listen for what: the page's calls of addEventListener are noted before they go through. */

const WATCHED = new Set(['click', 'mousedown', 'mouseup', 'scroll']);
let noted = new WeakMap<EventTarget, Map<string, Set<unknown>>>();
/** Nodes that ever listened for scroll; their positions are compared after every advance of the clock. */
export const scrollTargets = new Set<EventTarget>();

/** Must run before any script of the page. */
export function watchListeners(): void {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type: string, callback, options) {
    const target = (this as EventTarget | undefined) ?? window;
    if (WATCHED.has(type) && callback) note(target, type, callback);
    Reflect.apply(addEventListener, target, [type, callback, options]);
  };
  EventTarget.prototype.removeEventListener = function (type: string, callback, options) {
    const target = (this as EventTarget | undefined) ?? window;
    noted.get(target)?.get(type)?.delete(callback);
    Reflect.apply(removeEventListener, target, [type, callback, options]);
  };
  const onscroll = Object.getOwnPropertyDescriptor(HTMLElement.prototype, 'onscroll');
  if (onscroll?.set) {
    const set = onscroll.set;
    Object.defineProperty(HTMLElement.prototype, 'onscroll', {
      ...onscroll,
      set(this: HTMLElement, callback: unknown) {
        scrollTargets.add(this);
        set.call(this, callback);
      },
    });
  }
}

/** What the window and the document were told by a page that is gone. */
export function forgetListeners(): void {
  noted = new WeakMap();
  scrollTargets.clear();
}

function note(target: EventTarget, type: string, callback: unknown): void {
  if (type === 'scroll') scrollTargets.add(target);
  const types = noted.get(target) ?? new Map<string, Set<unknown>>();
  noted.set(target, types);
  types.set(type, (types.get(type) ?? new Set()).add(callback));
}

/** Whether Chromium would call the node clickable: it listens for clicks itself, or does something of its own on one. */
export function isClickable(element: Element): boolean {
  if (element.matches(':disabled')) return false;
  if (element instanceof HTMLElement && (element.isContentEditable || element.onclick || element.onmousedown))
    return true;
  if (element.matches('a[href], area[href], summary, input')) return true;
  if (element instanceof HTMLLabelElement && element.control) return isClickable(element.control);
  if (element.matches('form button, form input:is([type=submit], [type=image], [type=reset])')) return true;
  const types = noted.get(element);
  return ['click', 'mousedown', 'mouseup'].some(type => (types?.get(type)?.size ?? 0) > 0);
}
