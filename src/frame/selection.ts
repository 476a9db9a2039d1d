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

/** Puts the caret where the mouse went down. With `extend`, stretches the selection to there. */
export function placeCaret(target: Element, x: number, y: number, extend: boolean): void {
  const caret = caretAt(x, y);
  if (isTextControl(target)) {
    setCaret(target, caret?.node === target ? caret.offset : target.value.length);
    return;
  }
  const selection = getSelection();
  if (!caret || !selection || target.matches('button, select, input')) return;
  if (getComputedStyle(target).userSelect === 'none') return;
  if (extend && selection.anchorNode) selection.extend(caret.node, caret.offset);
  else selection.collapse(caret.node, caret.offset);
}

export function dragSelection(x: number, y: number): void {
  const caret = caretAt(x, y);
  const selection = getSelection();
  if (caret && selection?.anchorNode && !(caret.node instanceof Element && isTextControl(caret.node)))
    selection.extend(caret.node, caret.offset);
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
