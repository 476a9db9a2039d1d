/** A task that is being written, played by hand: the page of a seed as the agent gets it, and what an action makes of it. */
import { css, html, LitElement, nothing } from 'lit';
import { Preview, type OwnTask } from '../session/own-tasks.ts';
import type { StepResult } from '../protocol.ts';
import { shared } from './styles.ts';

interface Seen {
  goal: string;
  axtree: string;
  /** What the last action came to. */
  outcome: string;
}

/** Asks for a start by `try` and tells of a fault by `fault`, with the page's message as detail. */
export class TaskTrial extends LitElement {
  static override properties = { seen: { state: true }, seed: { state: true }, action: { state: true } };
  /** null before the first page. */
  declare seen: Seen | null;
  declare seed: number;
  declare action: string;

  #preview: Preview | undefined;

  constructor() {
    super();
    this.seen = null;
    this.seed = 0;
    this.action = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.clear();
  }

  override render() {
    return html`
      <div class="stage">
        <div class="frame"></div>
        <!-- Above the frame, which takes no pointer of the page's own. -->
        ${
          this.seen
            ? html`<div
                class="glass"
                title="A click here is the agent’s mouse_click at that place"
                @click=${(event: MouseEvent) => void this.#act(`mouse_click(${Math.round(event.offsetX)}, ${Math.round(event.offsetY)})`)}
              ></div>`
            : nothing
        }
      </div>
      <div class="row">
        <label>
          Seed
          <input
            type="number"
            min="0"
            step="1"
            .value=${String(this.seed)}
            @input=${(event: Event) => (this.seed = Math.max(0, Math.trunc(Number((event.target as HTMLInputElement).value))))}
          />
        </label>
        <button @click=${() => this.#ask()}>Try</button>
        <button
          @click=${() => {
            this.seed++;
            this.#ask();
          }}
        >
          Next seed
        </button>
      </div>
      ${this.seen ? this.#whatIsSeen(this.seen) : html`<p class="small muted">Try shows the page of a seed as the agent gets it.</p>`}
    `;
  }

  #whatIsSeen({ goal, axtree, outcome }: Seen) {
    return html`
      <p class="small">
        <strong>Goal</strong> <span data-testid="trial-goal">${goal}</span>
        <span class="muted">(told to the agent; its bar on the page is empty, as in BrowserGym)</span>
      </p>
      <pre class="mono" data-testid="trial-tree">${axtree}</pre>
      <form
        class="row"
        @submit=${(event: Event) => {
          event.preventDefault();
          void this.#act(this.action);
        }}
      >
        <label class="grow">
          Action
          <input
            placeholder="click('13'), or click the page"
            spellcheck="false"
            .value=${this.action}
            @input=${(event: Event) => (this.action = (event.target as HTMLInputElement).value)}
          />
        </label>
        <button>Do</button>
      </form>
      <p class="small" data-testid="trial-outcome" role="status">${outcome}</p>
    `;
  }

  /** Starts the task on the seed that is set. @returns false, with a fault told, when its page does not start */
  start(task: OwnTask): Promise<boolean> {
    return this.#play(task, async preview => {
      const { observation } = await preview.start(this.seed);
      this.seen = { goal: observation.goal, axtree: observation.axtree, outcome: 'The episode has begun.' };
    });
  }

  /** Whether it starts on the first `seeds` seeds. */
  check(task: OwnTask, seeds: number): Promise<boolean> {
    return this.#play(task, async preview => {
      for (let seed = 0; seed < seeds; seed++) await preview.start(seed);
    });
  }

  /** Takes the page away. */
  clear(): void {
    this.#preview?.dispose();
    this.#preview = undefined;
    this.seen = null;
  }

  async #play(task: OwnTask, play: (preview: Preview) => Promise<void>): Promise<boolean> {
    await this.updateComplete;
    this.#preview?.dispose();
    const preview = new Preview(this.renderRoot.querySelector<HTMLElement>('.frame')!, task);
    this.#preview = preview;
    try {
      await play(preview);
      return this.#preview === preview;
    } catch (error) {
      // Of a page that another one replaced meanwhile there is nothing to tell.
      if (this.#preview === preview) this.#fault(error);
      return false;
    }
  }

  async #act(action: string): Promise<void> {
    const preview = this.#preview;
    if (!preview) return;
    try {
      const result = await preview.act(action);
      this.seen = {
        ...this.seen!,
        axtree: result.observation.axtree,
        outcome: `${action}: ${outcomeOf(result)}`,
      };
      // A page whose reward fails ends its episode and says why in front of everything else.
      const fault = /reward: [^'"]*/.exec(result.observation.axtree);
      if (result.done && fault) this.#fault(new Error(fault[0]));
    } catch (error) {
      this.#fault(error);
    }
  }

  #ask(): void {
    this.dispatchEvent(new CustomEvent('try'));
  }

  #fault(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new CustomEvent('fault', { detail }));
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
        align-content: start;
        min-width: 0;
      }
      .stage {
        position: relative;
        min-height: 210px;
      }
      .glass {
        position: absolute;
        inset: 0 auto auto 0;
        width: 160px;
        height: 210px;
        cursor: pointer;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-2);
      }
      .row input {
        width: 9ch;
      }
      .grow {
        flex: 1;
      }
      .grow input {
        width: 100%;
      }
      p {
        overflow-wrap: anywhere;
      }
      pre {
        max-height: 180px;
        margin: 0;
        padding: var(--space-2);
        overflow: auto;
        border-radius: var(--radius-small);
        background: var(--sunken);
        tab-size: 2;
        white-space: pre;
      }
    `,
  ];
}

function outcomeOf({ observation, rawReward, done }: StepResult): string {
  if (observation.lastActionError) return observation.lastActionError;
  return done ? `the episode ended with ${rawReward}.` : 'the episode goes on.';
}
