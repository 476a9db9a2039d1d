/** The page's style sheets as one text, for the copy that is drawn; read again only when a sheet changed. */
import { FrameError } from './frame-error.ts';

/** Stands in for :focus, which the copy cannot have. */
export const FOCUS_ATTRIBUTE = 'data-frame-focus';

/** Scroll bars as BrowserGym's browser has them, 15 px wide; left to themselves they differ from system to system. */
const SCROLLBARS = `*::-webkit-scrollbar { width: 15px; height: 15px; background: #fcfcfc }
*::-webkit-scrollbar-thumb { background: #8b8b8b; border: 4px solid #fcfcfc; border-radius: 8px }`;

/** What Chromium's own sheet gives the focused control; :focus-visible holds for text controls however they got focus. */
const RINGED = 'input, textarea, select, [contenteditable]';
const FOCUS_RING = `:is(${RINGED})[${FOCUS_ATTRIBUTE}] { outline: auto 1px -webkit-focus-ring-color }`;

const cache = new WeakMap<CSSStyleSheet, { rules: number; source: string; text: string }>();

/** The page's own rules. @throws {FrameError} `screenshot-failed` for a sheet of another origin, which no script can read. */
export function authorStyles(): string {
  return [...document.styleSheets].map(sheetText).join('\n');
}

/** What stands before the page's own rules in the copy. */
export const BROWSER_STYLES = `${FOCUS_RING}\n${SCROLLBARS}`;

/** Whether it shows that the element has focus. */
export function showsFocus(element: Element, rules: string): boolean {
  return rules.includes(FOCUS_ATTRIBUTE) || element.matches(RINGED);
}

function sheetText(sheet: CSSStyleSheet): string {
  if (sheet.disabled) return '';
  const rules = rulesOf(sheet);
  const source = sheet.ownerNode?.textContent ?? '';
  const cached = cache.get(sheet);
  if (cached && cached.rules === rules.length && cached.source === source) return cached.text;
  const text = [...rules]
    .map(rule => rule.cssText)
    .join('\n')
    .replace(/:focus-visible|:focus(?!-within)/g, `[${FOCUS_ATTRIBUTE}]`)
    .replace(/:root/g, 'html');
  cache.set(sheet, { rules: rules.length, source, text });
  return text;
}

function rulesOf(sheet: CSSStyleSheet): CSSRuleList {
  try {
    return sheet.cssRules;
  } catch (error) {
    throw new FrameError(
      'screenshot-failed',
      `The style sheet ${sheet.href} cannot be read: ${String(error)}`,
    );
  }
}

/** Must run after each document.open(). Adopted, so that no element of the agent's is in the page. */
export function fixScrollbars(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SCROLLBARS);
  document.adoptedStyleSheets = [sheet];
}
