/** How BrowserGym's flatten_axtree_to_str and flatten_dom_to_str treat one element: filters, extras, bid. */
import { elementBox } from './element-properties.ts';
import { isClickable } from './listeners.ts';
import { bidOf, isMarked, isSeen } from './marking.ts';
import type { TextOptions } from './protocol.ts';

/** BrowserGym's defaults, at scale 1. */
export const BROWSERGYM_TEXT: TextOptions = {
  with_visible: false,
  with_clickable: false,
  with_center_coords: false,
  with_bounding_box_coords: false,
  with_som: false,
  skip_generic: true,
  filter_visible_only: false,
  filter_with_bid_only: false,
  filter_som_only: false,
  coord_decimals: 0,
  remove_redundant_static_text: true,
  hide_bid_if_invisible: false,
  hide_all_children: false,
  hide_all_bids: false,
  scale: 1,
};

export interface Treatment {
  filtered: boolean;
  /** `box="(…)"`, `center="(…)"` and bare words, in BrowserGym's order. */
  extras: string[];
  /** '' when it is hidden or there is none. */
  bid: string;
}

/** @param element  null for what has no element, and so no bid. */
export function treat(element: Element | null, options: TextOptions): Treatment {
  const bid = bidOf(element);
  if (!element || !bid)
    return { filtered: options.filter_with_bid_only || options.filter_som_only, extras: [], bid: '' };
  const filtered =
    (options.filter_visible_only && !isSeen(element)) || (options.filter_som_only && !isMarked(element));
  const hidden = options.hide_all_bids || (options.hide_bid_if_invisible && !isSeen(element));
  return { filtered, extras: extrasOf(element, options), bid: hidden ? '' : bid };
}

function extrasOf(element: Element, options: TextOptions): string[] {
  const out: string[] = [];
  const coords = (...sides: number[]) =>
    `"(${sides.map(side => fixed(side * options.scale, options.coord_decimals)).join(',')})"`;
  const box = options.with_bounding_box_coords || options.with_center_coords ? elementBox(element) : null;
  if (box) {
    const [x, y, width, height] = box;
    if (options.with_bounding_box_coords) out.push(`box=${coords(x, y, x + width, y + height)}`);
    if (options.with_center_coords) out.push(`center=${coords(x + width / 2, y + height / 2)}`);
  }
  if (options.with_clickable && isClickable(element)) out.push('clickable');
  if (options.with_visible && isSeen(element)) out.push('visible');
  if (options.with_som && isMarked(element)) out.push('som');
  return out;
}

/** Python's format: halves go to the even digit, and what rounds to zero from below keeps its sign. */
function fixed(value: number, decimals: number): string {
  const unit = 10 ** decimals;
  const scaled = value * unit;
  const floor = Math.floor(scaled);
  const half = scaled - floor === 0.5;
  const rounded = half ? floor + (Math.abs(floor % 2) === 1 ? 1 : 0) : Math.round(scaled);
  const text = (Math.abs(rounded) / unit).toFixed(decimals);
  return rounded < 0 || Object.is(rounded, -0) || (rounded === 0 && value < 0) ? `-${text}` : text;
}
