/** What the policy gets to see of the page now. */
import { accessibilityTree } from './axtree.ts';
import { axtreeText } from './axtree-text.ts';
import { activeElement } from './focus.ts';
import { elementProperties } from './element-properties.ts';
import { bidOf, markElements } from './marking.ts';
import { htmlText } from './html-text.ts';
import type { FrameObservation, ObserveOptions } from './protocol.ts';
import { screenshot } from './screenshot.ts';

export async function observe(
  goal: string,
  options: ObserveOptions,
): Promise<{ observation: FrameObservation; pictureStays: boolean }> {
  markElements();
  const observation: FrameObservation = {
    goal,
    axtree: options.axtree ? axtreeText(accessibilityTree(), options) : '',
    html: options.html ? htmlText(options) : '',
    focusedBid: bidOf(activeElement()),
    elements: options.elements ? elementProperties() : [],
    screenshot: null,
  };
  const shot = options.screenshot ? await screenshot(options.scale) : null;
  if (shot === 'stays') return { observation, pictureStays: true };
  return { observation: { ...observation, screenshot: shot }, pictureStays: false };
}
