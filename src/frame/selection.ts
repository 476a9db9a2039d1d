/** Caret and text selection by the mouse. */
import { isTextControl } from './focus.ts';
import { setCaret } from './editing.ts';

type CaretDocument = Document & {
  caretPositionFromPoint?(x: number, y: number): { offsetNode: Node; offset: number } | null;
};

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  const position = (document as CaretDocument).caretPositionFromPoint?.(x, y);
  return position ? { node: position.offsetNode, offset: position.offset } : null;
}

/** The text control in which the mouse went down, and where. */
let dragged: { control: HTMLInputElement | HTMLTextAreaElement; anchor: number } | null = null;
/** CSS pixels inside a control's border at which there is text. */
const EDGE = 3;

/** Puts the caret where the mouse went down. With `extend`, stretches the selection to there. */
export function placeCaret(target: Element, x: number, y: number, extend: boolean): void {
  const caret = caretAt(x, y);
  dragged = null;
  if (isTextControl(target)) {
    const offset = caret?.node === target ? caret.offset : target.value.length;
    setCaret(target, offset);
    dragged = { control: target, anchor: offset };
    return;
  }
  const selection = getSelection();
  if (!caret || !selection || target.matches('button, select, input')) return;
  if (getComputedStyle(target).userSelect === 'none') return;
  if (extend && selection.anchorNode) selection.extend(caret.node, caret.offset);
  else selection.collapse(caret.node, caret.offset);
}

export function dragSelection(x: number, y: number): void {
  if (dragged) {
    dragInControl(dragged, x, y);
    return;
  }
  const caret = caretAt(x, y);
  const selection = getSelection();
  if (caret && selection?.anchorNode && !(caret.node instanceof Element && isTextControl(caret.node)))
    selection.extend(caret.node, caret.offset);
}

/** A drag that began in a control stays in it: where the mouse is outside, the nearest text counts. */
function dragInControl({ control, anchor }: NonNullable<typeof dragged>, x: number, y: number): void {
  if (control.selectionStart === null || !control.isConnected) return;
  const { left, right, top, bottom } = control.getBoundingClientRect();
  const within = (at: number, from: number, to: number) => Math.max(from + EDGE, Math.min(to - EDGE, at));
  const caret = caretAt(within(x, left, right), within(y, top, bottom));
  if (caret?.node !== control) return;
  const { offset } = caret;
  const direction = offset < anchor ? 'backward' : 'forward';
  control.setSelectionRange(Math.min(anchor, offset), Math.max(anchor, offset), direction);
}

/** A double click selects the word under the caret. */
export function selectWord(target: Element): void {
  if (isTextControl(target)) {
    const caret = target.selectionStart;
    if (caret === null) return;
    const before = /\w*$/.exec(target.value.slice(0, caret))![0].length;
    const after = /^\w*/.exec(target.value.slice(caret))![0].length;
    target.setSelectionRange(caret - before, caret + after);
    return;
  }
  const selection = getSelection();
  if (!selection?.anchorNode || !target.contains(selection.anchorNode)) return;
  selection.modify('move', 'backward', 'word');
  selection.modify('extend', 'forward', 'word');
}
