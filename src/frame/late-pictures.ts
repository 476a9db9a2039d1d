/**
 * Pictures that a style sheet brings in for the first time, as when the mouse hovers over an icon: a browser has to load them, and
 * until then their elements are empty. A click of BrowserGym's is faster than that and goes to what is below. Here everything came
 * along with the page, so the elements are emptied for as long.
 */
import { filePath } from './images.ts';

/** On what the mouse is over, where a rule asks for it: a browser knows :hover of the real mouse only. */
export const HOVER_ATTRIBUTE = 'data-frame-hover';

const shown = new Set<string>();
let selector = '';
let hovers = false;
let emptied: HTMLElement[] = [];

/** Must run when the page is loaded. Pages without pictures from files cost nothing afterwards. */
export function findPictures(): void {
  shown.clear();
  emptied = [];
  hovers = false;
  const selectors: string[] = [];
  for (const sheet of document.styleSheets)
    for (const rule of rulesOf(sheet)) {
      if (!(rule instanceof CSSStyleRule) || filePath(rule.style.content) === null) continue;
      // Generated content is drawn from the start, often to load what will be hovered over.
      if (/::?(before|after)/.test(rule.selectorText)) {
        for (const url of rule.style.content.match(/url\([^)]*\)/g) ?? []) shown.add(url);
        continue;
      }
      if (rule.selectorText.includes(':hover')) {
        hovers = true;
        rule.selectorText = rule.selectorText.replaceAll(':hover', `[${HOVER_ATTRIBUTE}]`);
      }
      selectors.push(rule.selectorText);
    }
  selector = selectors.join(',');
}

/** None of a sheet from elsewhere: the frame's policy kept it out, and nobody can read it. */
function rulesOf(sheet: CSSStyleSheet): Iterable<CSSRule> {
  try {
    return sheet.cssRules;
  } catch {
    return [];
  }
}

/** The mouse came from one element and its ancestors to others. */
export function moveHover(left: readonly Element[], entered: readonly Element[]): void {
  if (!hovers) return;
  for (const element of left) element.removeAttribute(HOVER_ATTRIBUTE);
  for (const element of entered) element.setAttribute(HOVER_ATTRIBUTE, '');
}

/** Empties the elements whose picture was never drawn. */
export function emptyLate(): void {
  for (const element of pictured()) {
    if (shown.has(getComputedStyle(element).content) || !element.checkVisibility()) continue;
    element.style.setProperty('content', 'none', 'important');
    emptied.push(element);
  }
}

/** The pictures are there. */
export function fillLate(): void {
  for (const element of emptied) {
    element.style.removeProperty('content');
    if (element.getAttribute('style') === '') element.removeAttribute('style');
  }
  emptied = [];
}

/** What is drawn now will never be late again. */
export function notePictures(): void {
  for (const element of pictured())
    if (element.checkVisibility()) shown.add(getComputedStyle(element).content);
}

function pictured(): HTMLElement[] {
  if (selector === '') return [];
  return [...document.querySelectorAll<HTMLElement>(selector)].filter(element =>
    getComputedStyle(element).content.startsWith('url('),
  );
}
