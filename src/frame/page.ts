/** Drives a page that keeps the MiniWoB++ contract, ours or an unmodified one, as BrowserGym's setup script does. */
import { FrameError } from './frame-error.ts';
import { goalText } from './goal.ts';
import type { VirtualClock } from './clock.ts';

/** Virtual ms that a page gets for its load handlers (jQuery defers some to a timer), and to become ready. */
const SETTLE_MS = 100;
const READY_MS = 10_000;
const DISPLAY_IDS = ['reward-display', 'click-canvas', 'sync-task-cover'];

interface Core {
  EPISODE_MAX_TIME: number;
  clearTimer(): void;
  createDisplay(): void;
  canvasDrawClick: EventListener;
  startEpisodeReal(): void;
  endEpisode(reward: number, timeProportional?: boolean, reason?: string): void;
  getUtterance(): unknown;
}

interface WobWindow {
  core?: Core;
  genProblem?: unknown;
  WOB_RAW_REWARD_GLOBAL?: unknown;
  WOB_REWARD_REASON?: unknown;
  WOB_DONE_GLOBAL?: unknown;
  WOB_TASK_READY?: unknown;
}

const wob = window as unknown as WobWindow;

/**
 * Seeds and starts one episode: instruction and human display hidden, `Math.seedrandom`, EPISODE_MAX_TIME, startEpisodeReal.
 * @returns the goal, which is then not on the page.
 * @throws {FrameError} `page-without-contract`, `page-not-ready`
 */
export async function startEpisode(
  clock: VirtualClock,
  task: string,
  wobSeed: number,
  episodeMaxTime: number,
): Promise<string> {
  await clock.advance(SETTLE_MS);
  address = location.href;
  const core = contract();
  hideDisplay(core);
  const math = Math as Math & { seedrandom(seed: number): void };
  math.seedrandom(wobSeed);
  core.EPISODE_MAX_TIME = episodeMaxTime;
  core.startEpisodeReal();
  for (let waited = 0; !wob.WOB_TASK_READY; waited += SETTLE_MS) {
    if (waited >= READY_MS)
      throw new FrameError(
        'page-not-ready',
        `WOB_TASK_READY stayed false for ${READY_MS} virtual ms after the start.`,
      );
    await clock.advance(SETTLE_MS);
  }
  return goalText(task, core.getUtterance(), shownQuery);
}

/** The page's address when its episode began. */
let address = '';

export interface EpisodeStatus {
  rawReward: number;
  reason: string | null;
  done: boolean;
  left: boolean;
}

export function episodeStatus(): EpisodeStatus {
  const reason = wob.WOB_REWARD_REASON;
  return {
    rawReward: Number(wob.WOB_RAW_REWARD_GLOBAL),
    reason: reason === null || reason === undefined ? null : String(reason),
    done: wob.WOB_DONE_GLOBAL === true,
    left: location.href !== address,
  };
}

function contract(): Core {
  const missing = [
    typeof wob.core?.startEpisodeReal !== 'function' && 'core.startEpisodeReal',
    typeof wob.core?.getUtterance !== 'function' && 'core.getUtterance',
    typeof wob.genProblem !== 'function' && 'genProblem',
    typeof (Math as { seedrandom?: unknown }).seedrandom !== 'function' && 'Math.seedrandom',
    !document.getElementById('query') && 'an element #query',
    !document.getElementById('sync-task-cover') &&
      '#sync-task-cover (core.startEpisode was not called on load)',
  ].filter(name => name !== false);
  if (missing.length > 0)
    throw new FrameError(
      'page-without-contract',
      `The page does not keep MiniWoB's contract: no ${missing.join(', ')}.`,
    );
  return wob.core!;
}

/** The instruction as it is while it is on the page. */
const shownQuery = document.createElement('div');

/** Takes the instruction and the human display off the page, and back only while the page's own code needs them. */
function hideDisplay(core: Core): void {
  let query = '';
  const display: Element[] = [];
  const hide = () => {
    core.clearTimer();
    document.body.removeEventListener('click', core.canvasDrawClick);
    const element = document.getElementById('query')!;
    query = element.innerHTML;
    shownQuery.innerHTML = query;
    element.innerHTML = '';
    display.length = 0;
    for (const id of DISPLAY_IDS) {
      const part = document.getElementById(id);
      if (!part) continue;
      part.remove();
      display.push(part);
    }
  };
  const show = () => {
    document.getElementById('query')!.innerHTML = query;
    document.body.append(...display);
    core.createDisplay();
  };
  const { getUtterance, endEpisode, startEpisodeReal } = core;
  const shown = <A extends unknown[], R>(call: (...args: A) => R) =>
    function (...args: A): R {
      show();
      try {
        return call.apply(core, args);
      } finally {
        hide();
      }
    };
  core.getUtterance = shown(getUtterance);
  core.endEpisode = shown(endEpisode);
  core.startEpisodeReal = shown(startEpisodeReal);
  hide();
}
