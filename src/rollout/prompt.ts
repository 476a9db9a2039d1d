/** The chat that a policy sees at each turn: a fresh one every time, as in the cookbook's browser-control example. */
import type { RunConfig } from '../config.ts';
import { describeActionSet } from '../env/action/index.ts';
import type { ChatMessage } from '../models/policy.ts';
import type { Observation, Pixels } from '../protocol.ts';

const SYSTEM_PROMPT = 'You control a web browser. Reply with exactly ONE action.';

/** Between black and white, so that a blank image is no brighter than a page. */
const BLANK = 128;

export interface PromptOptions {
  observation: RunConfig['observation'];
  actionSet: RunConfig['action_set'];
  /** Adds the list of actions to the system prompt: for policies that were never taught it. The embedded one was. */
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
  if (options.observation.use_html)
    parts.push(`Page HTML:\n${shorten(observation.html, options.observation.axtree_max_chars)}`);
  if (options.observation.use_focused_element)
    parts.push(`Focused element: ${observation.focusedBid ? `bid '${observation.focusedBid}'` : 'none'}`);
  parts.push('What action do you take?');
  const text = { type: 'text' as const, text: parts.join('\n\n') };
  const system = options.describeActions
    ? `${SYSTEM_PROMPT}\n\n${actionHelp(options.actionSet)}`
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

function actionHelp(actionSet: RunConfig['action_set']): string {
  return `Elements are named by the numbers in square brackets, x and y are pixels of the screenshot. Actions:\n${describeActionSet(actionSet)}`;
}
