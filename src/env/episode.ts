/** One episode as requests to a frame: its page, its start, its actions, and the way back to where it was. */
import type { RunConfig } from '../config.ts';
import type {
  ActionCall,
  ElementProperties,
  FrameObservation,
  FrameState,
  Look,
  ObserveOptions,
} from '../frame/protocol.ts';
import type { Pixels, StepResult } from '../protocol.ts';
import { ActionError, type ActionSetName, parseActions, scaleCoordinates } from './action/index.ts';
import { EnvironmentError } from './errors.ts';
import { overlaySom } from './overlay-som.ts';
import type { TaskPage } from './pages/bundle.ts';
import { StartPictures } from './pictures.ts';
import type { SandboxedFrame } from './sandboxed-frame.ts';
import { wobSeed } from './seed.ts';

/** BrowserGym's limit for MiniWoB, virtual ms. */
const EPISODE_MAX_TIME = 1_000_000;

/** What of a run's configuration the environment reads. */
export type EnvironmentConfig = Pick<RunConfig, 'observation' | 'multiaction' | 'retry_with_force'> & {
  action_set: ActionSetName;
};

/** Actions that take BrowserGym off the task's page or give the task up: the episode ends without reward. */
const ENDINGS = new Set(['report_infeasible', 'goto', 'go_back', 'new_tab', 'tab_close']);
/** Actions of the host that leave the page alone. */
const HOST_ACTIONS = new Set([...ENDINGS, 'send_msg_to_user', 'go_forward', 'tab_focus']);

export interface EpisodeOptions {
  /** From the episode's seed to what Math.seedrandom gets. */
  seedOf: (seed: number) => number;
  /** Whether every step tells the properties of all elements. */
  elements: boolean;
}

/** Everything that an episode is a function of. */
export class Episode {
  private readonly actions: string[] = [];
  /** As it was last seen; null where nobody looked, so that nothing can be compared. */
  private tree: string | null = null;
  private ended = false;

  constructor(
    readonly task: string,
    readonly seed: number,
    readonly page: TaskPage,
    private readonly config: EnvironmentConfig,
    private readonly scale: number,
    private readonly options: EpisodeOptions = { seedOf: wobSeed, elements: false },
    private readonly pictures = new StartPictures(),
  ) {}

  /** Whether both begin alike. */
  startsAs({ task, seed, page }: Episode): boolean {
    return task === this.task && seed === this.seed && page.html === this.page.html;
  }

  /** Starts it in a frame that has held no other page and no episode yet. */
  async reset(frame: SandboxedFrame): Promise<StepResult> {
    const state = await this.start(frame, this.observe());
    this.actions.length = 0;
    this.ended = false;
    return this.result(state, '', '');
  }

  /**
   * Runs one action text. After the end of the episode the page goes on answering, as BrowserGym's does; its reward then is
   * what it was.
   */
  async step(frame: SandboxedFrame, text: string, look: Look): Promise<StepResult> {
    const { state, error, ends } = await this.act(frame, text, this.observe(), look);
    this.actions.push(text);
    this.ended ||= ends;
    return this.result(state, text, error || state.actionError);
  }

  /** Brings a new frame to where the old one was. @throws {EnvironmentError} `replay-diverged` when it comes out elsewhere. */
  async replay(frame: SandboxedFrame): Promise<void> {
    const blind = { ...this.observe(), screenshot: false };
    let state = await this.start(frame, blind);
    for (const text of this.actions) ({ state } = await this.act(frame, text, blind, 'always'));
    if (this.tree !== null && state.observation.axtree !== this.tree)
      throw new EnvironmentError('replay-diverged', {
        message: `${this.task}, seed ${this.seed}: replayed after another frame hung, the page came out different. Does it depend on anything but its seed and the actions?`,
      });
  }

  private async start(frame: SandboxedFrame, observe: ObserveOptions): Promise<FrameState> {
    const loaded = frame.load(this.task, this.page);
    // Asked at once, so that a page which is not loaded yet costs no further wait.
    const [reply] = await Promise.all([
      frame.ask(
        {
          type: 'reset',
          wobSeed: this.options.seedOf(this.seed),
          episodeMaxTime: EPISODE_MAX_TIME,
          observe,
        },
        this.pictures,
      ),
      loaded,
    ]);
    return reply.state;
  }

  private async act(
    frame: SandboxedFrame,
    text: string,
    observe: ObserveOptions,
    look: Look,
  ): Promise<{ state: FrameState; error: string; ends: boolean }> {
    const { calls, error } = this.parse(text);
    const last = calls.findIndex(call => ENDINGS.has(call.name));
    const ends = last >= 0;
    const inPage = (ends ? calls.slice(0, last) : calls).filter(call => !HOST_ACTIONS.has(call.name));
    const retryWithForce = this.config.retry_with_force;
    const reply = await frame.ask(
      { type: 'act', calls: inPage, retryWithForce, observe, look },
      this.pictures,
    );
    return { state: reply.state, error, ends: ends && reply.state.actionError === '' };
  }

  private parse(text: string): { calls: ActionCall[]; error: string } {
    const { action_set, multiaction } = this.config;
    let calls: ActionCall[] = [];
    try {
      const parsed = parseActions(text, { actionSet: action_set, multiaction });
      for (const call of parsed) calls.push(scaleCoordinates(call, this.scale));
      return { calls, error: '' };
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      // What comes before a call with wrong arguments has run when Python finds out.
      if (calls.length === 0) calls = error.before.map(call => scaleCoordinates(call, this.scale));
      return { calls, error: error.text };
    }
  }

  private observe(): ObserveOptions {
    const { use_screenshot, blank_screenshot, use_axtree, use_html, overlay_som, ...text } =
      this.config.observation;
    return {
      ...text,
      screenshot: use_screenshot || blank_screenshot,
      axtree: use_axtree,
      html: use_html,
      elements: this.options.elements || (overlay_som && use_screenshot),
      scale: this.scale,
      known: this.pictures.names(),
    };
  }

  private result(state: FrameState, lastAction: string, lastActionError: string): StepResult {
    const { goal, axtree, html, focusedBid, screenshot } = state.observation;
    this.tree = state.seen ? axtree : null;
    const left = this.ended || state.left;
    return {
      observation: {
        goal,
        axtree,
        html,
        focusedBid,
        screenshot: screenshot && this.pixels(screenshot, state.observation.elements),
        lastAction,
        lastActionError,
        ...(this.options.elements && { elements: state.observation.elements }),
      },
      reward: !left && state.rawReward > 0 ? 1 : 0,
      rawReward: state.rawReward,
      done: state.done || left,
    };
  }

  private pixels(shot: NonNullable<FrameObservation['screenshot']>, elements: ElementProperties[]): Pixels {
    const { width, height } = shot;
    const plain = new Uint8ClampedArray(shot.data);
    const marked = this.config.observation.overlay_som;
    const data = marked ? overlaySom(plain, width, height, elements, this.scale) : plain;
    return { width, height, channels: 4, data };
  }
}
