/** What is equal between a recording of BrowserGym's and what our environment did: the first difference in words. */
import type { PlayedPage } from '../../src/env/page-episode.ts';

/** [bid, tag, visibility ratio, set of marks, [x, y, w, h] in CSS pixels]. */
type RecordedElement = [string, string, number, number, [number, number, number, number]];

export interface RecordedPage {
  /** What Math.seedrandom got. */
  seed: number;
  goal: string;
  focused: string;
  axtree: string;
  elems: RecordedElement[];
}

export interface Recorded {
  /** BrowserGym's. */
  seed: number;
  goal: string;
  axtree: string;
  focused: string;
  /** prune_html(flatten_dom_to_str()) after the reset, where it was recorded. */
  html?: string;
  steps: {
    action: string;
    error: string;
    axtree: string;
    focused: string;
    reward: number;
    done: boolean;
  }[];
}

/** '' for equal. */
export type Difference = string;

/** Pixels by which a side of a box may differ. */
const TOLERANCE = 1;

export function comparePage(recorded: RecordedPage, played: PlayedPage): Difference {
  if (played.failure) return played.failure;
  const first = played.steps[0]!;
  return (
    differs('goal', recorded.goal, played.goal) ||
    differs('focused bid', recorded.focused, first.focused) ||
    treeDiffers(recorded.axtree, first.axtree) ||
    elementsDiffer(recorded.elems, played)
  );
}

/** One entry for each recorded step; a step after a difference counts as different. */
export function compareEpisode(recorded: Recorded, played: PlayedPage): Difference[] {
  const first = played.steps[0];
  let broken: Difference = !first
    ? played.failure
    : differs('goal', recorded.goal, played.goal) || treeDiffers(recorded.axtree, first.axtree);
  if (broken) broken = `at the start: ${broken}`;
  return recorded.steps.map((step, i) => {
    const ours = played.steps[i + 1];
    if (broken) return broken;
    broken = !ours
      ? played.failure || 'the episode ended early'
      : treeDiffers(step.axtree, ours.axtree) ||
        differs('error', errorClass(step.error), errorClass(ours.error)) ||
        differs('reward', step.reward, ours.reward) ||
        differs('done', step.done, ours.done) ||
        differs('focused bid', step.focused, ours.focused);
    if (broken) broken = `after ${step.action}: ${broken}`;
    return broken;
  });
}

/** null where no HTML was recorded. */
export function compareHtml(recorded: Recorded, played: PlayedPage): Difference | null {
  if (recorded.html === undefined) return null;
  const [theirs, ours] = [recorded.html.split('\n'), played.html.split('\n')];
  const line = theirs.findIndex((text, i) => text !== ours[i]);
  if (line < 0) return differs('lines', theirs.length, ours.length);
  return `line ${line + 1}: ${JSON.stringify(theirs[line])}, ours ${JSON.stringify(ours[line] ?? 'nothing')}`;
}

/** The similarity of the screenshot, or why there is none. */
export function compareScreen(played: PlayedPage): { similarity: number; failure: string } {
  return { similarity: played.similarity ?? 0, failure: played.failure };
}

function elementsDiffer(recorded: RecordedElement[], played: PlayedPage): Difference {
  const ours = new Map(played.elements.map(element => [element.bid, element]));
  for (const [bid, tag, visibility, marked, box] of recorded) {
    const element = ours.get(bid);
    if (!element) return `no element has bid ${bid} (<${tag}>)`;
    const where = `[${bid}] <${tag}>`;
    const difference =
      differs(`tag of bid ${bid}`, tag, element.tag) ||
      differs(`${where} visibility`, visibility, element.visibility) ||
      differs(`${where} set of marks`, marked === 1, element.setOfMarks);
    if (difference) return difference;
    const own = element.box ?? [0, 0, 0, 0];
    if (box.some((side, i) => Math.abs(side - own[i]!) > TOLERANCE)) return differs(`${where} box`, box, own);
  }
  return ours.size > recorded.length ? `${ours.size - recorded.length} elements too many have bids` : '';
}

function treeDiffers(theirs: string, ours: string): Difference {
  if (theirs === ours) return '';
  const [a, b] = [theirs.split('\n'), ours.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  const line = at < 0 ? a.length : at;
  return `tree line ${line + 1}: ${JSON.stringify(a[line] ?? 'nothing')}, ours ${JSON.stringify(b[line] ?? 'nothing')}`;
}

function differs(what: string, theirs: unknown, ours: unknown): Difference {
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)];
  return a === b ? '' : `${what}: ${a}, ours ${b}`;
}

function errorClass(error: string): string {
  return /^\w+/.exec(error)?.[0] ?? '';
}
