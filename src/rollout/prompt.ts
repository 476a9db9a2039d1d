/** The chat that a policy sees at each turn: a fresh one every time, as in the cookbook's browser-control example. */
import type { RunConfig } from '../config.ts';
import type { ChatMessage } from '../models/policy.ts';
import type { Observation, Pixels } from '../protocol.ts';

const SYSTEM_PROMPT = 'You control a web browser. Reply with exactly ONE action.';

/** For policies that were never taught the action space; the embedded one was, and is spared the tokens. */
const ACTION_HELP: Record<RunConfig['action_set'], string> = {
  bid:
    "Elements are named by the numbers in square brackets. Actions: click('bid'), dblclick('bid'), hover('bid'), " +
    "fill('bid', 'text'), clear('bid'), press('bid', 'key'), focus('bid'), select_option('bid', 'option'), " +
    "drag_and_drop('from_bid', 'to_bid'), scroll(dx, dy), noop(). Example: click('13')",
  miniwob_all:
    'Elements are named by the numbers in square brackets; x and y are pixels of the screenshot. Actions: ' +
    "click('bid'), fill('bid', 'text'), press('bid', 'key'), select_option('bid', 'option'), " +
    "drag_and_drop('from_bid', 'to_bid'), scroll(dx, dy), mouse_click(x, y), mouse_drag_and_drop(x0, y0, x1, y1), " +
    "keyboard_type('text'), keyboard_press('key'), noop(). Example: click('13')",
  openenv:
    "Elements are named by the numbers in square brackets. Actions: click('bid'), fill('bid', 'text'), " +
    "select_option('bid', 'option'), press('bid', 'key'), scroll(dx, dy), noop(). Example: click('13')",
};

/** Between black and white, so that a blank image is no brighter than a page. */
const BLANK = 128;

export interface PromptOptions {
  observation: RunConfig['observation'];
  actionSet: RunConfig['action_set'];
  /** Adds the list of actions to the system prompt. */
  describeActions: boolean;
  /** False leaves the screenshot out: the policy has no eyes. */
  vision: boolean;
}

export interface TurnPrompt {
  messages: ChatMessage[];
  /** The images in the messages' order: one screenshot, or none. */
  images: Pixels[];
}

/**
 * The messages for one turn.
 *
 * @param turn  0 for the first; the policy reads it as `Step 1`.
 */
export function turnPrompt(observation: Observation, turn: number, options: PromptOptions): TurnPrompt {
  const image = screenshotFor(observation, options);
  const parts = [`Step ${turn + 1}`, `Goal: ${observation.goal}`];
  if (observation.lastActionError) parts.push(`Previous action error: ${observation.lastActionError}`);
  if (options.observation.use_axtree) {
    parts.push(`Page structure:\n${shorten(observation.axtree, options.observation.axtree_max_chars)}`);
  }
  parts.push('What action do you take?');
  const text = { type: 'text' as const, text: parts.join('\n\n') };
  const system = options.describeActions
    ? `${SYSTEM_PROMPT}\n\n${ACTION_HELP[options.actionSet]}`
    : SYSTEM_PROMPT;
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: image ? [{ type: 'image' }, text] : [text] },
    ],
    images: image ? [image] : [],
  };
}

/** What of the screenshot the policy gets: it, an even grey of its size, or nothing. */
function screenshotFor({ screenshot }: Observation, { observation, vision }: PromptOptions): Pixels | null {
  if (!screenshot || !vision || !observation.use_screenshot) return null;
  if (!observation.blank_screenshot) return screenshot;
  const { width, height } = screenshot;
  return { width, height, channels: 3, data: new Uint8Array(width * height * 3).fill(BLANK) };
}

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}...` : text;
}
