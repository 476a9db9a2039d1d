/** Gives every element its bid and the attributes that BrowserGym's marking script writes. */
import { elementAt } from './geometry.ts';
import { FrameError } from './frame-error.ts';
import { MARKED_TAGS, SET_OF_MARKS_TAGS } from './tags.ts';
import { Visibility } from './visibility.ts';

const VISIBILITY = 'browsergym_visibility_ratio';
const SET_OF_MARKS = 'browsergym_set_of_marks';
/** The attributes that only say what is known of an element. */
export const MARKS = ['bid', VISIBILITY, SET_OF_MARKS] as const;

let counter = 0;
let frameCounter = 0;
let firstVisit = true;

/**
 * Marks the document in document order (shadow roots right after their host). Elements keep their bid from call to call, new
 * ones continue the count, duplicates get a new one. Properties `value` and `checked` are written to their attributes.
 *
 * @throws {FrameError} `bid-taken` when the page has bid attributes of its own.
 */
export function markElements(): void {
  const seen = new Set<string>();
  const visibility = new Visibility();
  const marks = new SetOfMarks();
  for (const element of everyElement(document)) {
    const tag = element.localName;
    const marked = MARKED_TAGS.has(tag);
    // What it clips is asked for by its children only.
    if (!marked && !element.firstElementChild && !element.shadowRoot) continue;
    const style = getComputedStyle(element);
    const ratio = visibility.ratio(element, style);
    if (!marked) continue;
    write(element, VISIBILITY, String(ratio));
    writeState(element);
    writeBid(element, tag, seen);
    marks.visit(element, tag, style);
  }
  marks.write();
  firstVisit = false;
}

/** Sets an attribute, if it differs: setting is dearer than asking. */
function write(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Forgets what it has marked: the next document starts at bid 0. */
export function resetMarks(): void {
  counter = 0;
  frameCounter = 0;
  firstVisit = true;
}

/** The element's bid, '' when it has none. */
export function bidOf(element: Element | null): string {
  return element?.getAttribute('bid') ?? '';
}

export function findByBid(bid: string): Element | null {
  for (const element of everyElement(document)) if (element.getAttribute('bid') === bid) return element;
  return null;
}

export function isSeen(element: Element): boolean {
  return visibilityOf(element) >= 0.5;
}

export function visibilityOf(element: Element): number {
  return Number(element.getAttribute(VISIBILITY) ?? 1);
}

/** Whether it is in the set of marks. */
export function isMarked(element: Element): boolean {
  return element.getAttribute(SET_OF_MARKS) === '1';
}

export function* everyElement(root: Document | ShadowRoot): Generator<Element> {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* everyElement(element.shadowRoot);
  }
}

function writeState(element: Element): void {
  if ('value' in element && element.value !== undefined) {
    write(element, 'value', String(element.value));
  }
  if ('checked' in element && element.checked !== undefined) {
    if (element.checked === true) element.setAttribute('checked', '');
    else element.removeAttribute('checked');
  }
}

function writeBid(element: Element, tag: string, seen: Set<string>): void {
  let bid = element.getAttribute('bid');
  if (bid !== null && firstVisit)
    throw new FrameError(
      'bid-taken',
      `The page itself has a bid attribute, on <${tag}>; it cannot be marked.`,
    );
  if (bid === null || seen.has(bid)) {
    bid = tag === 'iframe' || tag === 'frame' ? letters(frameCounter++) : String(counter++);
    element.setAttribute('bid', bid);
  }
  seen.add(bid);
}

/** a … z, then aA … zZ: as BrowserGym names frames. */
function letters(index: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz';
  const last = alphabet[index % 26]!;
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last.toUpperCase();
}

/** BrowserGym's set of marks: what can be acted on and is on top, in one pass over the elements in document order. */
class SetOfMarks {
  private readonly visited: Element[] = [];
  private readonly marks = new Set<Element>();
  private readonly buttons: Element[] = [];

  visit(element: Element, tag: string, style: CSSStyleDeclaration): void {
    this.visited.push(element);
    if (!this.takes(element, tag, style)) return;
    this.marks.add(element);
    if (element.matches('button, a, input[type="button"], div[role="button"]')) this.buttons.push(element);
    for (let at = element.parentElement; at; at = at.parentElement) this.marks.delete(at);
  }

  /** At the end, so that no attribute changes between two questions about layout. */
  write(): void {
    for (const element of this.visited) write(element, SET_OF_MARKS, this.marks.has(element) ? '1' : '0');
  }

  private takes(element: Element, tag: string, style: CSSStyleDeclaration): boolean {
    const handler = 'onclick' in element ? element.onclick : null;
    if (!SET_OF_MARKS_TAGS.has(tag) && handler === null && style.cursor !== 'pointer') return false;
    const rect = element.getBoundingClientRect();
    if (rect.width * rect.height < 20) return false;
    const hit = elementAt((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
    if (!hit || !element.contains(hit)) return false;
    if (this.buttons.some(button => button.contains(element))) return false;
    const parent = element.parentElement;
    const wraps = parent?.localName === 'span' && parent.children.length === 1 && parent.getAttribute('role');
    return !(wraps && this.marks.has(parent));
  }
}
