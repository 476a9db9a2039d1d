/** Runs the agent's code once while its frame waits, so that the first observation of an episode does not pay for compiling. */
import { accessibilityTree } from './axtree.ts';
import { axtreeText } from './axtree-text.ts';
import { markElements, resetMarks } from './marking.ts';
import { forgetScreenshot, screenshot } from './screenshot.ts';
import { BROWSERGYM_TEXT } from './text-options.ts';
import type { VirtualClock } from './clock.ts';

const SAMPLE =
  '<style>p { color: red }</style><div><p>a <span>b</span> <button>c</button></p><input value="d"><label>e<input type="checkbox"></label>' +
  '<select><option>f</option></select><textarea>g</textarea><ul><li><a href="#">h</a></li></ul></div>';

/** Leaves the document empty, no bid given out and the clock where it was. */
export async function warmUp(clock: VirtualClock): Promise<void> {
  document.body.innerHTML = SAMPLE;
  markElements();
  axtreeText(accessibilityTree(), BROWSERGYM_TEXT);
  await screenshot(1, []);
  forgetScreenshot();
  await clock.advance(0);
  document.body.replaceChildren();
  resetMarks();
}
