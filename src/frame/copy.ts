/** A copy of the document as XHTML that looks the same where scripts, properties and scroll positions do not exist. */
import { focusedElement } from './focus.ts';
import { FrameError } from './frame-error.ts';
import { MARKS } from './marking.ts';
import { authorStyles, BROWSER_STYLES, FOCUS_ATTRIBUTE, showsFocus } from './styles.ts';

const XHTML = 'http://www.w3.org/1999/xhtml';
const serializer = new XMLSerializer();

export function copyDocument(): string {
  const body = document.body.cloneNode(true) as HTMLElement;
  const rules = authorStyles();
  carryState(document.body, body, rules);
  const root = getComputedStyle(document.documentElement);
  // Where a page's root has no background, the body's covers the whole canvas.
  const bare = root.backgroundColor === TRANSPARENT && root.backgroundImage === 'none';
  const { backgroundColor, backgroundImage } = bare ? getComputedStyle(document.body) : root;
  const style =
    `display:block;width:${window.innerWidth}px;min-height:${window.innerHeight}px;` +
    `translate:${-window.scrollX}px ${-window.scrollY}px;` +
    `background:${backgroundColor === TRANSPARENT ? 'white' : backgroundColor} ${backgroundImage}`;
  return wellFormed(
    `<html xmlns="${XHTML}" style="${escapeAttribute(style)}"><head><style>${escapeText(`${BROWSER_STYLES}\n${rules}`)}</style></head>` +
      `${serializer.serializeToString(body)}</html>`,
  );
}

const TRANSPARENT = 'rgba(0, 0, 0, 0)';

/**
 * Writes into the copy what the original holds in properties, and takes out what nobody sees: two pages that look the same are
 * then mostly the same text, which is drawn once. The trees have the same shape.
 */
function carryState(original: Element, copy: Element, rules: string): void {
  const focused = focusedElement();
  const ringed = focused && showsFocus(focused, rules) ? focused : null;
  // A page could style what the agent writes.
  const marks = MARKS.filter(name => !rules.includes(name));
  const originals = [original, ...original.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  const doomed: Element[] = [];
  originals.forEach((from, i) => {
    const to = copies[i]!;
    if (from === ringed) to.setAttribute(FOCUS_ATTRIBUTE, '');
    for (const name of marks) to.removeAttribute(name);
    if (from.localName === 'script' || from.localName === 'noscript') doomed.push(to);
    else carryElement(from, to);
  });
  for (const element of doomed) element.remove();
}

function carryElement(from: Element, to: Element): void {
  if (from instanceof HTMLInputElement) {
    to.setAttribute('value', from.value);
    to.toggleAttribute('checked', from.checked);
  } else if (from instanceof HTMLTextAreaElement) {
    to.textContent = from.value;
  } else if (from instanceof HTMLOptionElement) {
    to.toggleAttribute('selected', from.selected);
  } else if (from instanceof HTMLCanvasElement) {
    // Without scripts a canvas is an empty inline element: it needs its size and kind of box said.
    const { display, width, height } = getComputedStyle(from);
    const box = `display:${display === 'inline' ? 'inline-block' : display};width:${width};height:${height}`;
    const style = `${box};background:url(${from.toDataURL()}) 0 0/100% 100% no-repeat`;
    to.setAttribute('style', `${from.getAttribute('style') ?? ''};${style}`);
  } else if (from instanceof HTMLImageElement && from.currentSrc && !from.currentSrc.startsWith('data:')) {
    throw new FrameError(
      'screenshot-failed',
      `The image ${from.currentSrc} is not part of the page; give it a data: URL.`,
    );
  }
  if (from.scrollTop !== 0 || from.scrollLeft !== 0) carryScroll(from, to);
}

/** What a scrolled box holds moves the other way. */
function carryScroll(from: Element, to: Element): void {
  const { scrollLeft, scrollTop } = from;
  if (from instanceof HTMLTextAreaElement || from instanceof HTMLInputElement) {
    // A control's text cannot be moved from outside; a box of the same looks can.
    const box = document.createElement('div');
    const style = getComputedStyle(from);
    box.setAttribute(
      'style',
      [...style].map(name => `${name}:${style.getPropertyValue(name)}`).join(';') + ';overflow:hidden',
    );
    const text = document.createElement('div');
    text.setAttribute('style', `translate:${-scrollLeft}px ${-scrollTop}px`);
    text.textContent = from.value;
    box.append(text);
    to.replaceWith(box);
    return;
  }
  for (const child of to.childNodes) {
    if (child instanceof Element) {
      const style = child.getAttribute('style') ?? '';
      child.setAttribute('style', `${style};translate:${-scrollLeft}px ${-scrollTop}px`);
    } else if (child instanceof Text && child.data.trim() !== '') {
      const span = document.createElement('span');
      span.setAttribute('style', `position:relative;left:${-scrollLeft}px;top:${-scrollTop}px`);
      child.replaceWith(span);
      span.append(child);
    }
  }
}

/** Without the control characters, which XML has no way to write. */
function wellFormed(markup: string): string {
  return markup.replace(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, '');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
