/** A live page of a task that a person plays with mouse and keyboard; what they do becomes actions as the policy writes them. */
import { css, html, LitElement, nothing } from 'lit';
import type { RunConfig } from '../config.ts';
import {
  DemonstrationRecorder as Recorder,
  type LocatedElement,
  type StepResult,
} from '../session/demonstrations.ts';
import { Gestures, type Point } from '../session/gestures.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

/** Screen pixels a pixel of the page: 160 by 210 is small for a hand. */
const SCALE = 2;
/** Pixels of the page that a hand may move between pressing and letting go, and still click. */
const STILL = 4;
/** Where an action that names its element reaches something else. */
const COVERED = 'what has something else over its middle';
/** ms without a turn of the wheel after which it is one action. */
const WHEEL_REST = 250;

/** What solves its task is kept. Tells by `told`, a sentence as detail, what became of the last thing that was done. */
export class DemonstrationStage extends LitElement {
  static override properties = { editing: { state: true } };
  /** The field that is being written or chosen in, on top of the page's own. */
  declare editing: LocatedElement | null;

  readonly #session = new SessionController(this, []);
  #recorder: Recorder | null = null;
  #madeFor: RunConfig | null = null;
  #latest: StepResult | null = null;
  #pressed: Point | null = null;
  #turned: Point = { x: 0, y: 0 };
  #wheel: ReturnType<typeof setTimeout> | undefined;
  /** One thing after the other, in the order in which it was done. */
  #last: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.editing = null;
  }

  /** What the page shows now; null before the first episode. */
  get latest(): StepResult | null {
    return this.#latest;
  }

  /** The actions of the episode so far. */
  get actions(): string[] {
    return this.#recorder?.actions ?? [];
  }

  /** Begins another episode of `task`. */
  start(task: string): Promise<void> {
    return this.#do(async () => {
      const { config, ownTasks } = this.#session.state;
      // A frame is made for the settings and the tasks as they are.
      if (this.#madeFor !== config) this.#recorder?.dispose();
      if (!this.#recorder || this.#madeFor !== config) {
        const container = this.renderRoot.querySelector<HTMLElement>('.frame')!;
        this.#recorder = await Recorder.open(container, config, ownTasks);
        this.#madeFor = config;
      }
      this.#begin(await this.#recorder.start(task));
    });
  }

  /** Begins `task` once more where its last episode began. */
  again(task: string): Promise<void> {
    return this.#do(async () => {
      const { seed } = this.#recorder!;
      this.#begin(await this.#recorder!.startAt(task, seed));
    });
  }

  /** Gives up the frame. */
  close(): void {
    clearTimeout(this.#wheel);
    this.#recorder?.dispose();
    this.#recorder = null;
    this.#latest = null;
    this.editing = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.close();
  }

  override render() {
    return html`
      <div class="frame"></div>
      <div
        class="glass"
        role="application"
        aria-label="The task’s page"
        tabindex="0"
        @pointerdown=${this.#onDown}
        @pointerup=${this.#onUp}
        @wheel=${this.#onWheel}
        @keydown=${this.#onKey}
      ></div>
      ${this.editing ? this.#editor(this.editing) : nothing}
    `;
  }

  /** A field of the page's own over the task's: it is filled at once when the person has written. */
  #editor({ kind, value, options, box: [x, y, width, height] }: LocatedElement) {
    const place = `left: ${x * SCALE}px; top: ${y * SCALE}px; width: ${Math.max(40, width) * SCALE}px; height: ${Math.max(16, height) * SCALE}px`;
    const finish = (event: Event) => this.#finish((event.target as HTMLInputElement).value, false);
    if (kind === 'select')
      return html`<select
        class="editor"
        aria-label="Choose"
        style=${place}
        @change=${finish}
        @blur=${() => (this.editing = null)}
      >
        ${options.map(option => html`<option ?selected=${option === value}>${option}</option>`)}
      </select>`;
    return html`<input
      class="editor"
      aria-label="Write"
      style=${place}
      .value=${value}
      @blur=${finish}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        this.#finish((event.target as HTMLInputElement).value, true);
      }}
    />`;
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('editing') && this.editing)
      this.renderRoot.querySelector<HTMLElement>('.editor')?.focus();
  }

  get #gestures(): Gestures {
    return new Gestures(this.#session.state.config.action_set);
  }

  #tell(text: string): void {
    this.dispatchEvent(new CustomEvent('told', { detail: text }));
  }

  /** Does one thing after those before it; an error is told and stops nothing. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#tell(error instanceof Error ? error.message : String(error));
    });
    return this.#last;
  }

  #begin(first: StepResult): void {
    this.#latest = first;
    this.editing = null;
    this.#tell('Your turn.');
    this.#focusPage();
  }

  #focusPage(): void {
    this.renderRoot.querySelector<HTMLElement>('.glass')!.focus();
  }

  readonly #onDown = (event: PointerEvent): void => {
    this.#pressed = pointOf(event);
  };

  readonly #onUp = (event: PointerEvent): void => {
    const [from, to, times] = [this.#pressed, pointOf(event), event.detail];
    this.#pressed = null;
    if (!from) return;
    const still = Math.hypot(to.x - from.x, to.y - from.y) < STILL;
    void this.#do(() => (still ? this.#click(to, times === 2 ? 2 : 1) : this.#drag(from, to)));
  };

  readonly #onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.#turned = { x: this.#turned.x + event.deltaX, y: this.#turned.y + event.deltaY };
    clearTimeout(this.#wheel);
    this.#wheel = setTimeout(() => {
      const turned = this.#turned;
      this.#turned = { x: 0, y: 0 };
      void this.#do(() => this.#act(this.#gestures.scroll(turned), 'scroll'));
    }, WHEEL_REST);
  };

  /** Tab and Escape stay the page's: who uses no mouse must be able to leave. */
  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Tab' || event.key === 'Escape' || !this.#latest) return;
    event.preventDefault();
    event.stopPropagation();
    void this.#do(() =>
      this.#act(
        this.#gestures.press(event, this.#latest!.observation.focusedBid),
        'press a key without a focused element',
      ),
    );
  };

  async #click(at: Point, times: 1 | 2): Promise<void> {
    if (!this.#playing) return;
    const target = await this.#recorder!.locate(at.x, at.y);
    if (!target) return;
    if (target.kind !== 'other') this.editing = target;
    else
      await this.#act(this.#gestures.click(target, at, times), target.covered ? `click ${COVERED}` : 'click');
  }

  async #drag(from: Point, to: Point): Promise<void> {
    if (!this.#playing) return;
    const [start, end] = [
      await this.#recorder!.locate(from.x, from.y),
      await this.#recorder!.locate(to.x, to.y),
    ];
    const wish = start?.covered || end?.covered ? `drag ${COVERED}` : 'drag within one element';
    await this.#act(this.#gestures.drag(from, start, to, end), wish);
  }

  /** The person has written or chosen; what stays as it was is no more than a click. */
  #finish(value: string, enter: boolean): void {
    const target = this.editing;
    if (!target) return;
    this.editing = null;
    void this.#do(async () => {
      const gestures = this.#gestures;
      if (target.kind === 'select') await this.#act(gestures.choose(target, value), 'choose');
      else if (value !== target.value) await this.#act(gestures.fill(target, value), 'write');
      else if (!enter) await this.#act(gestures.click(target, middleOf(target)), 'click');
      if (!enter || !this.#playing) return;
      const key = { key: 'Enter', ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };
      await this.#act(gestures.press(key, target.bid), 'press Enter');
    });
    this.#focusPage();
  }

  get #playing(): boolean {
    return this.#latest !== null && !this.#latest.done;
  }

  /** @param wish  what it was, for when the action set has nothing for it. */
  async #act(actions: readonly string[], wish: string): Promise<void> {
    if (!this.#playing) return;
    if (actions.length === 0) {
      const { action_set } = this.#session.state.config;
      this.#tell(
        `With action_set ${action_set} a policy cannot ${wish}. Choose another under Settings, and start over.`,
      );
      return;
    }
    for (const action of actions) {
      if (this.#playing) this.#latest = await this.#recorder!.act(action);
    }
    const { observation, done, reward } = this.#latest!;
    this.#tell(observation.lastActionError || 'Your turn.');
    if (!done) return;
    if (reward > 0) await this.#session.session.demonstrations.keep(this.#recorder!.demonstration());
    this.#tell(reward > 0 ? 'Solved, and kept.' : 'Not solved, so it was not kept.');
  }

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        position: relative;
        flex: none;
        width: 320px;
        height: 420px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        overflow: hidden;
        background: white;
      }
      .frame {
        width: 160px;
        height: 210px;
        transform: scale(2);
        transform-origin: 0 0;
      }
      .glass {
        position: absolute;
        inset: 0;
        touch-action: none;
        cursor: default;
      }
      .editor {
        position: absolute;
        margin: 0;
        padding: 0 4px;
        border: 2px solid var(--accent);
        border-radius: 3px;
        background: white;
        color: black;
      }
    `,
  ];
}

function middleOf({ box: [x, y, width, height] }: LocatedElement): Point {
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
}

/** Of the page below the glass, whole CSS pixels. */
function pointOf({ offsetX, offsetY }: PointerEvent): Point {
  return { x: Math.round(offsetX / SCALE), y: Math.round(offsetY / SCALE) };
}
