/** What is asked of one episode on a page given as text, and what it told: JSON values, for commands outside the page. */
import type { ElementProperties } from '../frame/protocol.ts';
import type { TaskPage } from './pages/bundle.ts';

export interface PageEpisode {
  task: string;
  page: TaskPage;
  seed: number;
  /** The seed is what Math.seedrandom gets, not BrowserGym's. */
  inPage?: boolean;
  actions: string[];
  /** The viewport after the reset in CSS pixels, where that is not what BrowserGym asks for: see docs/environment.md. */
  window?: { width: number; height: number };
  /** Whether the pruned HTML is asked for. */
  html?: boolean;
  /** PNG of the task area at scale 1.5 in base64, to compare the first screenshot with. */
  screen?: string;
  /** So many random actions after the given ones. */
  random?: number;
}

export interface PlayedStep {
  axtree: string;
  focused: string;
  error: string;
  reward: number;
  raw: number;
  done: boolean;
}

export interface PlayedPage {
  goal: string;
  /** Pruned HTML after the reset, '' unless asked for. */
  html: string;
  /** The reset, then one each action. */
  steps: PlayedStep[];
  /** After the reset. */
  elements: ElementProperties[];
  /** Structural similarity with `screen`, null without one. */
  similarity: number | null;
  /** `code: message` of what ended the episode early, '' when nothing did. */
  failure: string;
  /** Frames left in the document after the end: a leak when above 0. */
  framesLeft: number;
}
