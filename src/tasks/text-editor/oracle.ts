/** Selects the text with the mouse, uses the toolbar, then Submit. */
import type { Oracle } from '../contract.ts';
import { click, one, parseGoal } from '../oracle.ts';
import { drag } from '../oracle-pointer.ts';

const TAGS: Readonly<Record<string, string>> = { bold: 'strong', italics: 'em', underlined: 'u' };

export const oracle: Oracle = page => {
  const [what, style] = parseGoal(
    page,
    /^Using the text editor, (?:give|make) (.*) the (?:style|color) (\w+)/,
  );
  const tag = TAGS[style!];
  if (one(page, '.editor').querySelector(tag ?? 'span[style]')) return click(page, one(page, '#subbtn'));

  const paragraph = one(page, '.editor p').firstChild as Text;
  const range = page.document.createRange();
  range.selectNodeContents(paragraph);
  if (what !== 'everything') {
    const [start, length] = placeOf(paragraph.data, what!.replace('the text ', ''));
    range.setStart(paragraph, start);
    range.setEnd(paragraph, start + length);
  }
  if (page.document.getSelection()!.toString() === range.toString()) {
    if (tag) return click(page, one(page, `.toolbar button.${style}`));
    const swatch = one(page, `.palette [data-name=${style}]`);
    return click(page, one(page, '.palette').hidden ? one(page, '.toolbar .label') : swatch);
  }
  const lines = [...range.getClientRects()];
  const [first, last] = [lines[0]!, lines.at(-1)!];
  return drag(
    page,
    { x: first.left, y: first.top + first.height / 2 },
    { x: last.right, y: last.top + last.height / 2 },
  );
};

/** Where a word stands, as a whole word. */
function placeOf(text: string, word: string): [start: number, length: number] {
  let start = 0;
  for (const each of text.split(' ')) {
    if (each === word) break;
    start += each.length + 1;
  }
  return [start, word.length];
}
