/** The goal in words, as BrowserGym gives it to the agent. */

/** For these two tasks BrowserGym reads the instruction itself, because part of it is a picture. */
const READ_FROM_PAGE: Readonly<Record<string, (query: Element) => string>> = {
  'click-menu-2': query => {
    const [icon] = query.children;
    if (!icon) return words(query);
    const name = icon.getAttribute('class')?.split(' ')[1] ?? '';
    return `${words(query.childNodes[0])} "${name}" ${words(query.childNodes[2])}`;
  },
  'use-colorwheel-2': query => {
    const [before, swatch, after] = query.children;
    const rgb = /(\d+), *(\d+), *(\d+)/.exec(
      (swatch as HTMLElement | undefined)?.style.backgroundColor ?? '',
    );
    if (!rgb) return words(query);
    const hex = rgb
      .slice(1)
      .map(part => Number(part).toString(16).padStart(2, '0'))
      .join('');
    return `${words(before)} #${hex} ${words(after)}`;
  },
};

/**
 * @param utterance  what core.getUtterance() returned: text, or { utterance, fields } on the e-mail pages in natural language.
 * @param query  the instruction as it was on the page.
 * @see BrowserGym 0.14.3, miniwob/base.py and miniwob/all.py
 */
export function goalText(task: string, utterance: unknown, query: Element): string {
  const read = READ_FROM_PAGE[task];
  if (read) return read(query);
  if (typeof utterance === 'object' && utterance !== null && 'utterance' in utterance)
    return String(utterance.utterance);
  return String(utterance);
}

function words(node: Node | undefined): string {
  return (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
}
