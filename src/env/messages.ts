/** Nothing that comes out of a frame is trusted: shape, type and size of every message are checked before use. */
import type {
  ElementProperties,
  FrameReply,
  FrameRequest,
  FrameState,
  LocatedElement,
  Picture,
} from '../frame/protocol.ts';
import { EnvironmentError } from './errors.ts';

/** Characters of one text field. The longest tree of the MiniWoB++ pages has under 10,000. */
const MAX_TEXT = 1_000_000;
/** The largest MiniWoB++ page has under 500. */
const MAX_ELEMENTS = 100_000;
/** Image pixels along one side. */
const MAX_SIDE = 4096;

/** `code` of a failed reply: ours are kebab-case words. */
const CODE = /^[a-z]+(-[a-z]+)*$/;

/**
 * The reply to `request`, checked. A screenshot in it is there, even where the frame only says its name.
 *
 * @param pictureOf  the pictures that the frame may name
 * @throws {EnvironmentError} `bad-message` saying what is wrong with it.
 */
export function checkReply(
  value: unknown,
  request: Pick<FrameRequest, 'id' | 'type'>,
  pictureOf: (name: string) => Picture | null,
): Exclude<FrameReply, { id: 0 }> {
  const reply = record(value, 'the reply');
  if (reply.id !== request.id) throw bad(`answers request ${String(reply.id)}, not ${request.id}`);
  if (reply.type === 'failed') {
    const code = text(reply.code, 'code');
    if (!CODE.test(code)) throw bad('has a malformed code');
    return { id: request.id, type: 'failed', code, message: text(reply.message, 'message') };
  }
  const expected = {
    load: 'loaded',
    resize: 'resized',
    oracle: 'oracle',
    locate: 'located',
    ping: 'pong',
    reset: 'state',
    act: 'state',
    observe: 'state',
  }[request.type];
  if (reply.type !== expected) throw bad(`is a ${String(reply.type)}, where ${expected} was due`);
  if (expected === 'resized') return { id: request.id, type: expected, scrolled: reply.scrolled === true };
  if (expected === 'pong' || expected === 'loaded') return { id: request.id, type: expected };
  if (expected === 'oracle') return { id: request.id, type: 'oracle', action: text(reply.action, 'action') };
  if (expected === 'located')
    return { id: request.id, type: 'located', element: checkLocated(reply.element) };
  return { id: request.id, type: 'state', state: checkState(reply.state, pictureOf) };
}

/** What the agent says unasked: that it listens, or that its document goes away. Null for anything else. */
export function noticeOf(value: unknown): 'ready' | 'left' | null {
  if (typeof value !== 'object' || value === null || !('id' in value) || value.id !== 0) return null;
  return 'type' in value && (value.type === 'ready' || value.type === 'left') ? value.type : null;
}

function checkState(value: unknown, pictureOf: (name: string) => Picture | null): FrameState {
  const state = record(value, 'state');
  const observation = record(state.observation, 'observation');
  const { rawReward, done, reason } = state;
  const pictureKnown =
    state.pictureKnown === null ? null : text(state.pictureKnown, 'the name of the screenshot');
  const known = pictureKnown === null ? null : pictureOf(pictureKnown);
  if (pictureKnown !== null && !known) throw bad('says that the screenshot is one which it was not offered');
  // A task's raw reward is in [-1, 1]; a page that pays itself more is not keeping the contract.
  if (typeof rawReward !== 'number' || !(rawReward >= -1 && rawReward <= 1))
    throw bad(`has the raw reward ${String(rawReward)}, which is not in [-1, 1]`);
  if (typeof done !== 'boolean') throw bad('does not say whether the episode is done');
  return {
    observation: {
      goal: text(observation.goal, 'goal'),
      axtree: text(observation.axtree, 'axtree'),
      html: text(observation.html, 'html'),
      focusedBid: text(observation.focusedBid, 'focusedBid'),
      elements: checkElements(observation.elements),
      // Whoever gets it may change it or hand it over.
      screenshot: known ? copyOf(known) : checkScreenshot(observation.screenshot),
    },
    pictureKnown,
    seen: state.seen === true,
    rawReward,
    done,
    left: state.left === true,
    reason: reason === null ? null : text(reason, 'reason'),
    actionError: text(state.actionError, 'actionError'),
  };
}

function checkLocated(value: unknown): LocatedElement | null {
  if (value === null) return null;
  const { bid, kind, value: written, options, box, covered, drawn } = record(value, 'an element');
  if (kind !== 'text' && kind !== 'select' && kind !== 'other') throw bad('has no kind of element');
  if (!Array.isArray(options) || options.length > MAX_ELEMENTS) throw bad('has no list of options');
  if (!Array.isArray(box) || box.length !== 4) throw bad('has no box of an element');
  return {
    bid: text(bid, 'bid'),
    kind,
    value: text(written, 'value'),
    options: options.map(option => text(option, 'an option')),
    box: box.map(side => number(side, 'box')) as LocatedElement['box'],
    covered: covered === true,
    drawn: drawn === true,
  };
}

function checkElements(value: unknown): ElementProperties[] {
  if (!Array.isArray(value) || value.length > MAX_ELEMENTS)
    throw bad('has no list of elements, or too long a one');
  return value.map((each: unknown) => {
    const { bid, tag, visibility, setOfMarks, clickable, box } = record(each, 'an element');
    return {
      bid: text(bid, 'bid'),
      tag: text(tag, 'tag'),
      visibility: number(visibility, 'visibility'),
      setOfMarks: setOfMarks === true,
      clickable: clickable === true,
      box:
        Array.isArray(box) && box.length === 4
          ? (box.map(side => number(side, 'box')) as ElementProperties['box'])
          : null,
    };
  });
}

function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(`has no number in ${what}`);
  return value;
}

export function copyOf(picture: Picture): Picture {
  return { ...picture, data: picture.data.slice(0) };
}

function checkScreenshot(value: unknown): Picture | null {
  if (value === null) return null;
  const { name, width, height, data } = record(value, 'screenshot');
  if (!isSide(width) || !isSide(height)) throw bad('has a screenshot of impossible size');
  if (!(data instanceof ArrayBuffer) || data.byteLength !== width * height * 4)
    throw bad(`has a screenshot whose bytes are not ${width} × ${height} RGBA pixels`);
  return { name: text(name, 'the name of the screenshot'), width, height, data };
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SIDE;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw bad(`lacks ${what}`);
  return value as Record<string, unknown>;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw bad(`has no text in ${what}`);
  if (value.length > MAX_TEXT) throw bad(`has ${value.length} characters in ${what}`);
  return value;
}

function bad(what: string): EnvironmentError {
  return new EnvironmentError('bad-message', {
    message: `A message from the task's frame ${what}. The episode is dropped; the page may be tampering with its agent.`,
  });
}
