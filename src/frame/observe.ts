/** What the policy gets to see of the page now. */
import { accessibilityTree } from './axtree.ts';
import { axtreeText } from './axtree-text.ts';
import { activeElement } from './focus.ts';
import { elementProperties } from './element-properties.ts';
import { bidOf, markElements } from './marking.ts';
import { htmlText } from './html-text.ts';
import type { FrameObservation, ObserveOptions } from './protocol.ts';
import { screenshot } from './screenshot.ts';

interface Seen {
  observation: FrameObservation;
  pictureKnown: string | null;
}

export async function observe(goal: string, options: ObserveOptions): Promise<Seen> {
  markElements();
  const observation: FrameObservation = {
    goal,
    axtree: options.axtree ? axtreeText(accessibilityTree(), options) : '',
    html: options.html ? htmlText(options) : '',
    focusedBid: bidOf(activeElement()),
    elements: options.elements ? elementProperties() : [],
    screenshot: null,
  };
  const shot = options.screenshot ? await screenshot(options.scale, options.known) : null;
  if (typeof shot === 'string') return { observation, pictureKnown: shot };
  return { observation: { ...observation, screenshot: shot }, pictureKnown: null };
}

/** In the place of an observation that nobody will read. */
export function unseen(goal: string): Seen {
  const observation = { goal, axtree: '', html: '', focusedBid: '', elements: [], screenshot: null };
  return { observation, pictureKnown: null };
}
