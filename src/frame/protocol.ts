/** What the host and the agent inside a sandboxed frame say to each other, over one MessagePort. Every request gets one reply. */

/** Handed over with the first message to the window; the port travels in its transfer list. */
export interface FrameHello {
  type: 'browser-grpo:hello';
}

/** What BrowserGym's flatten_axtree_to_str and flatten_dom_to_str can be told. @see browsergym/utils/obs.py */
export interface TextOptions {
  with_visible: boolean;
  with_clickable: boolean;
  with_center_coords: boolean;
  with_bounding_box_coords: boolean;
  with_som: boolean;
  /** Leaves out `generic` nodes that have no properties. */
  skip_generic: boolean;
  filter_visible_only: boolean;
  filter_with_bid_only: boolean;
  filter_som_only: boolean;
  /** Digits after the point of coordinates, which are pixels of the screenshot. */
  coord_decimals: number;
  /** Leaves out text that the name of its parent says already. */
  remove_redundant_static_text: boolean;
  hide_bid_if_invisible: boolean;
  /** What a filter drops takes its children along. */
  hide_all_children: boolean;
  hide_all_bids: boolean;
  /** CSS pixels to image pixels. */
  scale: number;
}

/** When what there is to see after an action is looked at. `unless-over`: not once the page has ended its episode or was left. */
export type Look = 'always' | 'unless-over' | 'never';

export interface ObserveOptions extends TextOptions {
  screenshot: boolean;
  axtree: boolean;
  /** BrowserGym's pruned HTML. */
  html: boolean;
  /** BrowserGym's extra_element_properties. */
  elements: boolean;
  /** Names of pictures that the host has: a screenshot that is one of them is neither drawn nor sent. */
  known: readonly string[];
}

/** A parsed call of BrowserGym's action space; arguments as JSON values, defaults filled in, coordinates in CSS pixels. */
export interface ActionCall {
  name: string;
  args: unknown[];
}

export type FrameRequest =
  /**
   * Writes `html` into the frame. Can come long before the reset: nothing of it depends on the seed. A second one follows
   * only pages that leave nothing behind.
   */
  | { id: number; type: 'load'; task: string; html: string; images: Record<string, string> }
  /** Starts the one episode of the loaded page. `wobSeed` is what Math.seedrandom gets (BrowserGym's N). */
  | {
      id: number;
      type: 'reset';
      wobSeed: number;
      episodeMaxTime: number;
      observe: ObserveOptions;
    }
  | {
      id: number;
      type: 'act';
      calls: ActionCall[];
      retryWithForce: boolean;
      observe: ObserveOptions;
      look: Look;
    }
  | { id: number; type: 'observe'; observe: ObserveOptions }
  /** Answered once the frame has this size, in CSS pixels; says whether the page is scrolled in it. */
  | { id: number; type: 'resize'; width: number; height: number }
  | { id: number; type: 'oracle' }
  /** CSS pixels of the viewport. */
  | { id: number; type: 'locate'; x: number; y: number }
  /** Answered at once, ahead of the others, so that a slow frame can be told from a hung one. */
  | { id: number; type: 'ping' };

/** Said by the host unasked and not answered: garbage is due, see collect.ts. */
export type FrameNotice = { type: 'collect' } | { type: 'collect-thoroughly' };

/** One element of BrowserGym's extra_element_properties, with its tag. */
export interface ElementProperties {
  bid: string;
  tag: string;
  /** Share that can be seen, 2 decimals. */
  visibility: number;
  setOfMarks: boolean;
  clickable: boolean;
  /** [x, y, width, height] in CSS pixels of the viewport; null when it has no box. */
  box: [number, number, number, number] | null;
}

/** What lies at a point of the page. */
export interface LocatedElement {
  bid: string;
  /** What a person would do with it: write, choose, or anything else. */
  kind: 'text' | 'select' | 'other';
  /** What is written or chosen there now. */
  value: string;
  /** Labels of a select. */
  options: string[];
  /** [x, y, width, height] in CSS pixels of the viewport. */
  box: [number, number, number, number];
  /** Whether something else lies over its middle, so that an action which names it cannot reach it. */
  covered: boolean;
  /** Whether it is a drawing, whose parts have no names: where in it one acts is what counts. */
  drawn: boolean;
}

export interface FrameObservation {
  goal: string;
  axtree: string;
  html: string;
  focusedBid: string;
  /** Empty unless asked for. */
  elements: ElementProperties[];
  screenshot: Picture | null;
}

export interface Picture {
  /** Equal for pictures that were drawn from the same. */
  name: string;
  width: number;
  height: number;
  /** RGBA, transferred. */
  data: ArrayBuffer;
}

export interface FrameState {
  observation: FrameObservation;
  /** The name of the screenshot that was asked for and is not sent: it is the one sent last, or one that the host has. */
  pictureKnown: string | null;
  /** Whether anything was looked at; else the observation holds the goal and nothing more. */
  seen: boolean;
  /** WOB_RAW_REWARD_GLOBAL. */
  rawReward: number;
  reason: string | null;
  done: boolean;
  /** The page's address changed, even by a `#` alone: BrowserGym then ends the episode with reward 0. */
  left: boolean;
  /** `<ExceptionClass>: <message>` of the last act, '' when it ran. */
  actionError: string;
}

export type FrameReply =
  | { id: number; type: 'state'; state: FrameState }
  | { id: number; type: 'loaded' }
  | { id: number; type: 'resized'; scrolled: boolean }
  | { id: number; type: 'oracle'; action: string }
  | { id: number; type: 'located'; element: LocatedElement | null }
  | { id: number; type: 'pong' }
  /** The agent or the page threw; the episode is void. */
  | { id: number; type: 'failed'; code: string; message: string }
  /** Sent unasked (id 0): once, when the agent listens, and when the document goes away. */
  | { id: 0; type: 'ready' | 'left' };
