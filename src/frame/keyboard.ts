/** The keyboard: key events on the focused element, and what a browser does by default on each. */
import {
  closeMenu,
  isMenuOpen,
  isMenu,
  keyOnControl,
  openMenu,
  selectAllOptions,
  typeOnSelect,
} from './controls.ts';
import {
  deleteText,
  insertText,
  isEditable,
  moveCaret,
  selectAllText,
  selectedText,
  submitImplicitly,
} from './editing.ts';
import { activeElement, isTextControl, setAway, setFocus } from './focus.ts';
import { ActionError } from './frame-error.ts';
import { keyByName, type Key } from './keys.ts';
import type { Modifiers } from './pointer.ts';
import { setNavigationStart } from './navigation-start.ts';
import { tabStop } from './tab-order.ts';

const MODIFIER_KEYS: Readonly<Record<string, keyof Modifiers>> = {
  Control: 'ctrlKey',
  Shift: 'shiftKey',
  Alt: 'altKey',
  Meta: 'metaKey',
};

export class Keyboard {
  private clipboard = '';
  private readonly held = new Set<string>();

  constructor(private readonly modifiers: Modifiers) {}

  /**
   * A chord such as `Control+Shift+a`, or one key.
   * @param caller  Playwright method, for the error's text.
   */
  press(chord: string, caller: string): void {
    const names = splitChord(chord);
    const keys = names.map(name => {
      if (!keyByName(name)) throw new ActionError('Error', `${caller}: Unknown key: "${name}"`);
      return name;
    });
    for (const name of keys) this.down(name, caller);
    for (const name of keys.reverse()) this.up(name, caller);
  }

  down(name: string, caller: string): void {
    const key = this.key(name, caller);
    const modifier = MODIFIER_KEYS[key.key];
    if (modifier) this.modifiers[modifier] = true;
    const repeat = this.held.has(key.code);
    this.held.add(key.code);
    const target = this.target();
    if (!this.fire(target, 'keydown', key, repeat)) return;
    const { ctrlKey, altKey, metaKey } = this.modifiers;
    const types = key.text !== null && !ctrlKey && !altKey && !metaKey;
    if (types && !this.fire(this.target(), 'keypress', key, repeat)) return;
    this.defaultOf(this.target(), key, types);
  }

  up(name: string, caller: string): void {
    const key = this.key(name, caller);
    const modifier = MODIFIER_KEYS[key.key];
    if (modifier) this.modifiers[modifier] = false;
    this.held.delete(key.code);
    const target = this.target();
    if (this.fire(target, 'keyup', key, false) && key.key === ' ') pressBySpace(target);
  }

  /** Full key events for every character that the keyboard has, plain input for the others. */
  type(text: string): void {
    for (const character of text) {
      if (!keyByName(character)) insertText(this.target(), character);
      else {
        this.down(character, 'Keyboard.type');
        this.up(character, 'Keyboard.type');
      }
    }
  }

  insert(text: string): void {
    insertText(this.target(), text);
  }

  private key(name: string, caller: string): Key {
    const key = keyByName(name, this.modifiers.shiftKey);
    if (!key) throw new ActionError('Error', `${caller}: Unknown key: "${name}"`);
    return key;
  }

  private target(): Element {
    return activeElement() ?? document.documentElement;
  }

  private fire(target: Element, type: string, key: Key, repeat: boolean): boolean {
    const code = type === 'keypress' ? (key.text ?? '\0').charCodeAt(0) : 0;
    const keyCode = type === 'keypress' ? code : key.keyCode;
    const event = new KeyboardEvent(type, {
      ...this.modifiers,
      bubbles: true,
      cancelable: true,
      composed: true,
      view: window,
      key: key.key,
      code: key.code,
      repeat,
      // Chromium takes these three from the init dictionary; older widget code reads nothing else.
      keyCode,
      charCode: code,
      which: keyCode,
    } as KeyboardEventInit);
    return target.dispatchEvent(event);
  }

  private defaultOf(target: Element, key: Key, types: boolean): void {
    const { ctrlKey, metaKey, shiftKey } = this.modifiers;
    // Any key closes an open menu; those that open one do no more then.
    const menu = isMenuOpen(target);
    if (!MODIFIER_KEYS[key.key]) closeMenu();
    if (menu && (key.key === 'Enter' || key.key === ' ')) return;
    if (ctrlKey || metaKey) {
      if (this.shortcut(target, key.key.toLowerCase())) return;
    }
    switch (key.key) {
      case 'Tab':
        this.moveFocus(shiftKey ? -1 : 1);
        return;
      case 'Enter':
        pressByEnter(target);
        return;
      case 'Backspace':
      case 'Delete':
        deleteText(target, key.key === 'Delete', ctrlKey);
        return;
    }
    if (types && isEditable(target)) insertText(target, key.text!);
    else if (types && target instanceof HTMLSelectElement && key.key !== 'Enter')
      typeOnList(target, key.text!);
    else if (key.text === null && !keyOnControl(target, key.key))
      moveCaret(target, key.key, shiftKey, ctrlKey);
  }

  private moveFocus(by: 1 | -1): void {
    const next = tabStop(by);
    setFocus(next);
    if (!next) setNavigationStart(null);
    setAway(next === null);
  }

  private shortcut(target: Element, letter: string): boolean {
    if (letter === 'a') {
      if (isTextControl(target)) selectAllText(target);
      else if (target instanceof HTMLSelectElement && target.multiple) selectAllOptions(target);
      else getSelection()?.selectAllChildren(isEditable(target) ? target : document.body);
      return true;
    }
    if (letter === 'c' || letter === 'x') {
      const event = new ClipboardEvent(letter === 'c' ? 'copy' : 'cut', { bubbles: true, cancelable: true });
      if (!target.dispatchEvent(event)) return true;
      this.clipboard = selectedText(target) || this.clipboard;
      if (letter === 'x' && selectedText(target)) deleteText(target, true, false);
      return true;
    }
    if (letter === 'v') {
      if (target.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true })))
        insertText(target, this.clipboard, 'insertFromPaste');
      return true;
    }
    const format = { b: 'bold', i: 'italic', u: 'underline', z: 'undo', y: 'redo' }[letter];
    return format !== undefined && isEditable(target) && document.execCommand(format);
  }
}

/** Space opens a select's menu; other characters choose. */
function typeOnList(select: HTMLSelectElement, character: string): void {
  if (character === ' ' && isMenu(select)) openMenu(select);
  else typeOnSelect(select, character);
}

/** `Control++` is Control and the plus key. */
function splitChord(chord: string): string[] {
  const names: string[] = [];
  let name = '';
  for (const character of chord) {
    if (character === '+' && name !== '') {
      names.push(name);
      name = '';
    } else name += character;
  }
  names.push(name);
  return names;
}

function pressByEnter(target: Element): void {
  if (
    target.matches(
      'button, a[href], summary, input:is([type=button], [type=submit], [type=reset], [type=image])',
    )
  )
    (target as HTMLElement).click();
  else if (isMenu(target)) openMenu(target);
  else if (target instanceof HTMLTextAreaElement || (isEditable(target) && !isTextControl(target)))
    insertText(target, '\n', 'insertLineBreak');
  else if (target instanceof HTMLInputElement) submitImplicitly(target);
}

function pressBySpace(target: Element): void {
  if (
    target.matches(
      'button, summary, input:is([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio])',
    )
  )
    (target as HTMLElement).click();
}
