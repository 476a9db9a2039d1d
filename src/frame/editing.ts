/** Typing into text controls and editable content: caret, insertion, deletion, with beforeinput and input events. */
import { commitChange, isTextControl, noteEdit } from './focus.ts';
import { notePieces } from './text-pieces.ts';

type TextControl = HTMLInputElement | HTMLTextAreaElement;

const setInputValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
const setAreaValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!;

/** Controls without the selection API (number, email, ...) that have all their text selected. */
const wholeSelected = new WeakSet<Element>();

/** Sets the value as typing does: past setters that the page put on the element. */
export function setValue(control: TextControl, value: string): void {
  if (control instanceof HTMLTextAreaElement) setAreaValue.call(control, value);
  else setInputValue.call(control, value);
}

export function setCaret(control: TextControl, start: number, end = start): void {
  wholeSelected.delete(control);
  if (control.selectionStart !== null) control.setSelectionRange(start, end);
}

/** Not by the browser's select(), which would take the focus from the page around the frame. */
export function selectAllText(control: TextControl): void {
  if (control.selectionStart === null) wholeSelected.add(control);
  else control.setSelectionRange(0, control.value.length);
}

/** select() by the page's scripts, which in Chromium focuses, too. Must run before any of them. */
export function installSelect(): void {
  for (const prototype of [HTMLInputElement.prototype, HTMLTextAreaElement.prototype]) {
    prototype.select = function (this: TextControl) {
      this.focus();
      selectAllText(this);
    };
  }
}

/** Whether keys change the element's text. */
export function isEditable(element: Element): boolean {
  if (isTextControl(element)) return !element.readOnly && !element.disabled && !isPicker(element);
  return element instanceof HTMLElement && element.isContentEditable;
}

/** Date and time controls have fields of their own; text is not typed into them. */
function isPicker(control: TextControl): boolean {
  return ['date', 'time', 'datetime-local', 'month', 'week'].includes(control.type);
}

/** Replaces the selection by `text`. */
export function insertText(element: Element, text: string, inputType = 'insertText'): void {
  if (!isEditable(element)) return;
  if (!isTextControl(element)) {
    document.execCommand(inputType === 'insertLineBreak' ? 'insertParagraph' : 'insertText', false, text);
    return;
  }
  const accepted = element.type === 'number' ? text.replace(/[^0-9eE+.-]/g, '') : clean(element, text);
  if (accepted === '' && text !== '') return;
  const { start, end } = selectionOf(element);
  edit(element, start, end, accepted, inputType, text);
}

/** Backspace and Delete; with `word`, up to the next word boundary. */
export function deleteText(element: Element, forward: boolean, word: boolean): void {
  if (!isEditable(element)) return;
  if (!isTextControl(element)) {
    document.execCommand(forward ? 'forwardDelete' : 'delete');
    return;
  }
  let { start, end } = selectionOf(element);
  if (start === end) {
    const text = element.value;
    if (forward) end += word ? /^\s*\S*/.exec(text.slice(end))![0].length : step(text.slice(end), true);
    else start -= word ? /\S*\s*$/.exec(text.slice(0, start))![0].length : step(text.slice(0, start), false);
  }
  if (start === end) return;
  const unit = word ? 'Word' : 'Content';
  edit(element, start, end, '', `delete${unit}${forward ? 'Forward' : 'Backward'}`, null);
}

/** Moves the caret by a key. @returns false when the element has no caret. */
export function moveCaret(element: Element, key: string, extend: boolean, word: boolean): boolean {
  if (!isTextControl(element)) return false;
  wholeSelected.delete(element);
  if (element.selectionStart === null) return true;
  const text = element.value;
  const backward = element.selectionDirection === 'backward';
  const { start, end } = selectionOf(element);
  const head = backward ? start : end;
  const anchor = backward ? end : start;
  let to = head;
  if (key === 'ArrowLeft')
    to =
      !extend && start !== end
        ? start
        : head - (word ? /\S*\s*$/.exec(text.slice(0, head))![0].length : step(text.slice(0, head), false));
  if (key === 'ArrowRight')
    to =
      !extend && start !== end
        ? end
        : head + (word ? /^\s*\S*/.exec(text.slice(head))![0].length : step(text.slice(head), true));
  const lines = element instanceof HTMLTextAreaElement && !word;
  if (key === 'Home') to = lines ? text.lastIndexOf('\n', head - 1) + 1 : 0;
  if (key === 'End') to = lines && text.indexOf('\n', head) >= 0 ? text.indexOf('\n', head) : text.length;
  if (key === 'ArrowUp' || key === 'PageUp') to = lines ? verticalTo(text, head, -1) : 0;
  if (key === 'ArrowDown' || key === 'PageDown') to = lines ? verticalTo(text, head, 1) : text.length;
  if (extend)
    element.setSelectionRange(
      Math.min(anchor, to),
      Math.max(anchor, to),
      to < anchor ? 'backward' : 'forward',
    );
  else element.setSelectionRange(to, to);
  return true;
}

/** The selected text of a control or of the document. */
export function selectedText(element: Element): string {
  if (!isTextControl(element)) return getSelection()?.toString() ?? '';
  const { start, end } = selectionOf(element);
  return element.value.slice(start, end);
}

function selectionOf(control: TextControl): { start: number; end: number } {
  const length = control.value.length;
  if (control.selectionStart !== null)
    return { start: control.selectionStart, end: control.selectionEnd ?? length };
  return { start: wholeSelected.has(control) ? 0 : length, end: length };
}

function edit(
  control: TextControl,
  start: number,
  end: number,
  text: string,
  inputType: string,
  data: string | null,
): void {
  const init = { bubbles: true, composed: true, inputType, data };
  if (!control.dispatchEvent(new InputEvent('beforeinput', { ...init, cancelable: true }))) return;
  const room = control.maxLength < 0 ? Infinity : control.maxLength - (control.value.length - (end - start));
  const inserted = text.slice(0, Math.max(0, room));
  notePieces(control, control.value, [start, end], inserted, inputType === 'insertLineBreak');
  setValue(control, control.value.slice(0, start) + inserted + control.value.slice(end));
  setCaret(control, start + inserted.length);
  noteEdit(control);
  control.dispatchEvent(new InputEvent('input', init));
}

/** A one-line control takes no line breaks. */
function clean(control: TextControl, text: string): string {
  return control instanceof HTMLInputElement ? text.replace(/[\r\n]+/g, ' ') : text;
}

/** UTF-16 units of the character at the near end of `text`. */
function step(text: string, forward: boolean): number {
  const characters = [...text];
  return (forward ? characters[0] : characters.at(-1))?.length ?? 0;
}

function verticalTo(text: string, head: number, by: 1 | -1): number {
  const begin = text.lastIndexOf('\n', head - 1) + 1;
  const column = head - begin;
  if (by < 0) {
    if (begin === 0) return 0;
    const above = text.lastIndexOf('\n', begin - 2) + 1;
    return Math.min(above + column, begin - 1);
  }
  const next = text.indexOf('\n', head);
  if (next < 0) return text.length;
  const below = text.indexOf('\n', next + 1);
  return Math.min(next + 1 + column, below < 0 ? text.length : below);
}

/** Enter in a text control: `change`, then the form's implicit submission. */
export function submitImplicitly(control: HTMLInputElement): void {
  commitChange(control);
  const form = control.form;
  if (!form) return;
  const submit = [...form.elements].find(
    (element): element is HTMLButtonElement | HTMLInputElement =>
      (element instanceof HTMLButtonElement || element instanceof HTMLInputElement) &&
      (element.type === 'submit' || element.type === 'image'),
  );
  if (submit) {
    if (!submit.disabled) submit.click();
    return;
  }
  const fields = [...form.elements].filter(
    element => element instanceof HTMLInputElement && isTextControl(element),
  );
  if (fields.length === 1) form.requestSubmit();
}
