/** The texts that typing leaves in a text area: a typed line break is a node of its own between two others, as in Chromium. */

const kept = new WeakMap<Element, string[]>();

/** What the accessibility tree shows of a control's value: the whole of it, until a line break was typed. */
export function piecesOf(control: Element, value: string): string[] {
  const pieces = kept.get(control);
  // A value that a script set is one text again.
  return pieces?.join('') === value ? pieces.filter(piece => piece !== '\n') : [value];
}

/** Must run before the value changes. Replaces what lies from `start` to `end` of `value`. */
export function notePieces(
  control: Element,
  value: string,
  [start, end]: [number, number],
  text: string,
  lineBreak: boolean,
): void {
  const before = kept.get(control);
  if (!before && !lineBreak) return;
  const pieces = before?.join('') === value ? before : [value];
  const head = cut(pieces, 0, start);
  const tail = cut(pieces, end, value.length);
  const last = head.at(-1);
  if (lineBreak) kept.set(control, [...head, text, ...tail]);
  else if (last !== undefined && last !== '\n')
    kept.set(control, [...head.slice(0, -1), last + text, ...tail]);
  else kept.set(control, [...head, ...(text === '' ? [] : [text]), ...tail]);
}

function cut(pieces: string[], start: number, end: number): string[] {
  let at = 0;
  return pieces
    .map(piece => {
      const part = piece.slice(Math.max(0, start - at), Math.max(0, end - at));
      at += piece.length;
      return part;
    })
    .filter(Boolean);
}
