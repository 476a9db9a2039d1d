/** A US keyboard: what Playwright's key names mean in code, keyCode and text. */

export interface Key {
  key: string;
  code: string;
  keyCode: number;
  /** What the key types, null when it types nothing. */
  text: string | null;
}

/** name: [code, keyCode, key if other than the name]. */
const NAMED: Readonly<Record<string, [code: string, keyCode: number]>> = {
  Backspace: ['Backspace', 8],
  Tab: ['Tab', 9],
  Enter: ['Enter', 13],
  Shift: ['ShiftLeft', 16],
  Control: ['ControlLeft', 17],
  Alt: ['AltLeft', 18],
  Pause: ['Pause', 19],
  CapsLock: ['CapsLock', 20],
  Escape: ['Escape', 27],
  PageUp: ['PageUp', 33],
  PageDown: ['PageDown', 34],
  End: ['End', 35],
  Home: ['Home', 36],
  ArrowLeft: ['ArrowLeft', 37],
  ArrowUp: ['ArrowUp', 38],
  ArrowRight: ['ArrowRight', 39],
  ArrowDown: ['ArrowDown', 40],
  Insert: ['Insert', 45],
  Delete: ['Delete', 46],
  Meta: ['MetaLeft', 91],
  ContextMenu: ['ContextMenu', 93],
  NumLock: ['NumLock', 144],
  ScrollLock: ['ScrollLock', 145],
};

/** Character keys: code, keyCode, character, character with shift. */
const SYMBOLS: readonly [code: string, keyCode: number, plain: string, shifted: string][] = [
  ['Space', 32, ' ', ' '],
  ['Semicolon', 186, ';', ':'],
  ['Equal', 187, '=', '+'],
  ['Comma', 188, ',', '<'],
  ['Minus', 189, '-', '_'],
  ['Period', 190, '.', '>'],
  ['Slash', 191, '/', '?'],
  ['Backquote', 192, '`', '~'],
  ['BracketLeft', 219, '[', '{'],
  ['Backslash', 220, '\\', '|'],
  ['BracketRight', 221, ']', '}'],
  ['Quote', 222, "'", '"'],
];

const KEYS = new Map<string, Key>();

for (const [key, [code, keyCode]] of Object.entries(NAMED)) {
  const text = key === 'Enter' ? '\r' : null;
  KEYS.set(key, { key, code, keyCode, text });
  KEYS.set(code, { key, code, keyCode, text });
}
for (let f = 1; f <= 12; f++)
  KEYS.set(`F${f}`, { key: `F${f}`, code: `F${f}`, keyCode: 111 + f, text: null });
const character = (char: string, code: string, keyCode: number) => ({ key: char, code, keyCode, text: char });
for (let i = 0; i < 26; i++) {
  const letter = String.fromCharCode(97 + i);
  const upper = letter.toUpperCase();
  for (const name of [letter, 'Key' + upper]) KEYS.set(name, character(letter, 'Key' + upper, 65 + i));
  KEYS.set(upper, character(upper, 'Key' + upper, 65 + i));
}
[...')!@#$%^&*('].forEach((shifted, digit) => {
  for (const name of [String(digit), 'Digit' + digit])
    KEYS.set(name, character(String(digit), 'Digit' + digit, 48 + digit));
  KEYS.set(shifted, character(shifted, 'Digit' + digit, 48 + digit));
});
for (const [code, keyCode, plain, shifted] of SYMBOLS) {
  KEYS.set(shifted, character(shifted, code, keyCode));
  KEYS.set(plain, character(plain, code, keyCode));
  KEYS.set(code, character(plain, code, keyCode));
}
KEYS.set('\n', KEYS.get('Enter')!).set('\r', KEYS.get('Enter')!);
KEYS.set('ControlOrMeta', KEYS.get('Control')!);

/** The key of a name (`Enter`, `KeyA`, `a`, `#`); undefined for one that the keyboard lacks. With shift, the upper character. */
export function keyByName(name: string, shift = false): Key | undefined {
  const key = KEYS.get(name);
  if (!key || !shift || (name.length > 1 && !/^(Key|Digit)|[a-z]$/.test(name))) return key;
  return shifted(key);
}

function shifted(key: Key): Key {
  if (key.text === null || key.text === '\r') return key;
  const symbol = SYMBOLS.find(([code]) => code === key.code);
  const digit = key.code.startsWith('Digit') ? ')!@#$%^&*('[Number(key.code.slice(5))] : undefined;
  const text = symbol?.[3] ?? digit ?? key.text.toUpperCase();
  return { ...key, key: text, text };
}
