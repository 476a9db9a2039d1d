/** How much of an element can be seen: IntersectionObserver's ratio, computed, because observers are silent in hidden frames. */
import { area, intersect, type Box } from './geometry.ts';

/**
 * Ratios of all elements of one document, asked for in document order. Clips of ancestors are kept, so each costs one box.
 */
export class Visibility {
  private readonly clips = new Map<Element, Clips>();
  private readonly viewport: Clips;

  constructor() {
    const { clientWidth, clientHeight } = document.documentElement;
    const box = { left: 0, top: 0, right: clientWidth, bottom: clientHeight };
    this.viewport = { flow: box, absolute: box, fixed: box };
  }

  /** Share of the element's box inside the viewport and every clipping ancestor, rounded to 2 decimals as BrowserGym does. */
  ratio(element: Element, style: CSSStyleDeclaration): number {
    const parent = element.parentElement ?? hostOf(element);
    const inherited = (parent && this.clips.get(parent)) ?? this.viewport;
    const rect = element.getBoundingClientRect();
    const around = clipOf(inherited, style);
    // Who hides a box by `clip` makes it small, too, and a computed style is dear to ask.
    const clip = rect.width <= 1 ? intersect(around, ownClip(style, rect)) : around;
    if (element.firstElementChild || element.shadowRoot)
      this.clips.set(element, childClips(element, style, rect, clip, inherited));
    // Only what has no size needs asking whether it has a box.
    if (rect.width === 0 && rect.height === 0 && element.getClientRects().length === 0) return 0;
    const seen = intersect(rect, clip);
    if (seen.right < seen.left || seen.bottom < seen.top) return 0;
    // An empty box that touches the viewport counts as fully seen.
    const total = area(rect);
    return total === 0 ? 1 : Math.round((area(seen) / total) * 100) / 100;
  }
}

/** What descendants are clipped to, by the position they have. */
interface Clips {
  flow: Box;
  absolute: Box;
  fixed: Box;
}

/** What the element itself is clipped to. */
function clipOf(inherited: Clips, style: CSSStyleDeclaration): Box {
  const { flow, absolute, fixed } = inherited;
  // Most pages clip nothing, and a computed style is dear to ask.
  if (flow === absolute && flow === fixed) return flow;
  const { position } = style;
  return position === 'fixed' ? fixed : position === 'absolute' ? absolute : flow;
}

/** The `clip` property, which holds for what is positioned absolutely; lengths count from the box's top left corner. */
function ownClip(style: CSSStyleDeclaration, rect: DOMRect): Box {
  const clips = style.clip.startsWith('rect(') && /absolute|fixed/.test(style.position);
  if (!clips) return { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
  const sides = style.clip.slice(5, -1).split(/[\s,]+/);
  const [top, right, bottom, left] = sides.map(side => Number.parseFloat(side));
  const at = (side: number | undefined, from: number, otherwise: number) =>
    side === undefined || Number.isNaN(side) ? otherwise : from + side;
  return {
    left: at(left, rect.left, -Infinity),
    top: at(top, rect.top, -Infinity),
    right: at(right, rect.left, Infinity),
    bottom: at(bottom, rect.top, Infinity),
  };
}

function childClips(
  element: Element,
  style: CSSStyleDeclaration,
  rect: DOMRect,
  clip: Box,
  inherited: Clips,
): Clips {
  // The viewport takes over the overflow of html and body.
  const own = element !== document.documentElement && element !== document.body;
  const clipsX = own && style.overflowX !== 'visible';
  const clipsY = own && style.overflowY !== 'visible';
  let flow = clip;
  if ((clipsX || clipsY) && style.display !== 'inline') {
    const inner = paddingBox(element, style, rect);
    flow = intersect(clip, {
      left: clipsX ? inner.left : -Infinity,
      right: clipsX ? inner.right : Infinity,
      top: clipsY ? inner.top : -Infinity,
      bottom: clipsY ? inner.bottom : Infinity,
    });
  }
  if (flow === inherited.flow && flow === inherited.absolute && flow === inherited.fixed) return inherited;
  const transformed = style.transform !== 'none';
  const positioned = transformed || style.position !== 'static';
  return {
    flow,
    absolute: positioned ? flow : inherited.absolute,
    fixed: transformed ? flow : inherited.fixed,
  };
}

/** Without borders and scroll bars. Not by clientWidth, which is rounded. */
function paddingBox(element: Element, style: CSSStyleDeclaration, rect: DOMRect): Box {
  const border = (side: string) => Number.parseFloat(style.getPropertyValue(`border-${side}-width`)) || 0;
  const left = rect.left + border('left');
  const top = rect.top + border('top');
  const right = rect.right - border('right');
  const bottom = rect.bottom - border('bottom');
  const bar = (whole: number, shown: number) => (whole - shown >= 2 ? whole - shown : 0);
  return {
    left,
    top,
    right: right - bar(Math.round(right - left), element.clientWidth),
    bottom: bottom - bar(Math.round(bottom - top), element.clientHeight),
  };
}

function hostOf(element: Element): Element | null {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}
