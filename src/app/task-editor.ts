/** Writes a task of one's own: its parts, a look at the page of any seed, an action tried on it, and errors where they are. */
import { css, html, LitElement, nothing } from 'lit';
import {
  EXAMPLE,
  faultOf,
  fromFile,
  Preview,
  toFile,
  type OwnTask,
  type OwnTaskField,
  type OwnTaskProblem,
} from '../session/own-tasks.ts';
import { act } from './act.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

/** Label, hint and rows of each part. */
const PARTS: Record<OwnTaskField, { label: string; hint: string; rows: number }> = {
  name: { label: 'Name', hint: 'As the run’s settings name it.', rows: 0 },
  setup: {
    label: 'Setup',
    hint: 'JavaScript, body of (core, ui) => values. Draw with core.sample, core.randi: a seed is then always the same page.',
    rows: 3,
  },
  goal: {
    label: 'Goal',
    hint: 'What the agent is told. {{fruit}} is the value fruit of the setup.',
    rows: 2,
  },
  html: {
    label: 'HTML',
    hint: 'The page below the instruction, 160 by 160 pixels. Styles may be in it.',
    rows: 7,
  },
  reward: {
    label: 'Reward',
    hint: 'JavaScript, body of (event, area, values) => number. Called on clicks, keys, input and submit; a number from -1 to 1 ends the episode.',
    rows: 5,
  },
};
const ORDER: readonly OwnTaskField[] = ['name', 'setup', 'goal', 'html', 'reward'];

/** Seeds that a task must start with before it is saved. */
const CHECKED_SEEDS = 8;

export class TaskEditor extends LitElement {
  static override properties = {
    task: { state: true },
    problems: { state: true },
    seen: { state: true },
    seed: { state: true },
    action: { state: true },
  };
  declare task: OwnTask;
  declare problems: readonly OwnTaskProblem[];
  /** What the agent sees of the page that is tried; null before the first. */
  declare seen: { goal: string; axtree: string; outcome: string } | null;
  declare seed: number;
  declare action: string;

  readonly #session = new SessionController(this, ['ownTasks']);
  #preview: Preview | undefined;
  /** The name that the task is saved under, '' for a new one. */
  #before = '';

  constructor() {
    super();
    this.task = EXAMPLE;
    this.problems = [];
    this.seen = null;
    this.seed = 0;
    this.action = '';
  }

  /** Opens the dialog on a task, or on the example. */
  open(task?: OwnTask): void {
    this.task = { ...(task ?? EXAMPLE) };
    this.#before = task?.name ?? '';
    this.problems = [];
    this.seen = null;
    this.#dialog.showModal();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#preview?.dispose();
  }

  override render() {
    return html`
      <dialog aria-labelledby="heading" @close=${() => this.#closed()}>
        <header>
          <h2 id="heading">${this.#before ? `Task ${this.#before}` : 'A task of your own'}</h2>
          <button class="plain" @click=${() => this.#dialog.close()}>Close</button>
        </header>
        <div class="columns">
          <div class="parts">${ORDER.map(field => this.#part(field))}</div>
          <div class="trial">
            <div class="frame"></div>
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
              <button @click=${() => this.#try()}>Try</button>
            </div>
            ${this.seen ? this.#seen(this.seen) : html`<p class="small muted">Try shows the page of a seed as the agent gets it.</p>`}
          </div>
        </div>
        <footer>
          <label class="button">
            Open file…
            <input
              class="sr-only"
              type="file"
              accept=".json"
              data-testid="task-file"
              @change=${(event: Event) => void this.#openFile(event.target as HTMLInputElement)}
            />
          </label>
          <button
            @click=${() => saveFile(`${this.task.name || 'task'}.task.json`, new Blob([toFile(this.task)]))}
          >
            Export
          </button>
          ${this.#before ? html`<button @click=${() => this.#remove()}>Delete</button>` : nothing}
          <button class="primary" @click=${() => this.#save()}>Save</button>
        </footer>
      </dialog>
    `;
  }

  #part(field: OwnTaskField) {
    const { label, hint, rows } = PARTS[field];
    const problem = this.problems.find(each => each.field === field);
    const set = (event: Event) => {
      this.task = { ...this.task, [field]: (event.target as HTMLInputElement).value };
      this.problems = this.problems.filter(each => each.field !== field);
    };
    const described = problem ? `${field}-problem` : `${field}-hint`;
    return html`
      <div class="part">
        <label for=${field}>${label}</label>
        ${
          rows === 0
            ? html`<input
                id=${field}
                spellcheck="false"
                aria-describedby=${described}
                aria-invalid=${problem !== undefined}
                .value=${this.task[field]}
                @input=${set}
              />`
            : html`<textarea
                id=${field}
                rows=${rows}
                spellcheck="false"
                aria-describedby=${described}
                aria-invalid=${problem !== undefined}
                .value=${this.task[field]}
                @input=${set}
              ></textarea>`
        }
        ${
          problem
            ? html`<p class="small bad" id="${field}-problem" role="alert">${problem.message}</p>`
            : html`<p class="small muted" id="${field}-hint">${hint}</p>`
        }
      </div>
    `;
  }

  #seen({ goal, axtree, outcome }: { goal: string; axtree: string; outcome: string }) {
    return html`
      <p class="small"><strong>Goal</strong> <span data-testid="trial-goal">${goal}</span></p>
      <pre class="mono" data-testid="trial-tree">${axtree}</pre>
      <form
        class="row"
        @submit=${(event: Event) => {
          event.preventDefault();
          void this.#act();
        }}
      >
        <label class="grow">
          Action
          <input
            placeholder="click('13')"
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

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  #closed(): void {
    this.#preview?.dispose();
    this.#preview = undefined;
  }

  /** Whether the parts are sound by themselves; what is not is shown beside them. */
  #sound(): boolean {
    this.problems = this.#session.session.ownTasks.problems(this.task, this.#before);
    return this.problems.length === 0;
  }

  /** Shows an error of the page at the part that it is about. */
  #fault(error: unknown): void {
    this.problems = [faultOf(error instanceof Error ? error.message : String(error))];
  }

  async #try(): Promise<boolean> {
    if (!this.#sound()) return false;
    this.#preview?.dispose();
    this.#preview = new Preview(this.renderRoot.querySelector<HTMLElement>('.frame')!, this.task);
    try {
      const { observation } = await this.#preview.start(this.seed);
      this.seen = { goal: observation.goal, axtree: observation.axtree, outcome: 'The episode has begun.' };
      return true;
    } catch (error) {
      this.#fault(error);
      return false;
    }
  }

  async #act(): Promise<void> {
    if (!this.#preview) return;
    try {
      const { observation, rawReward, done } = await this.#preview.act(this.action);
      const { goal, axtree, lastActionError } = observation;
      const outcome =
        lastActionError || (done ? `The episode ended with ${rawReward}.` : 'The episode goes on.');
      this.seen = { goal, axtree, outcome };
      // A page whose reward fails ends its episode and says why in front of everything else.
      const fault = /reward: [^'"]*/.exec(axtree);
      if (done && fault) this.#fault(fault[0]);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Saves what starts with several seeds. */
  async #save(): Promise<void> {
    const { session } = this.#session;
    if (!(await this.#try())) return;
    try {
      for (let each = 0; each < CHECKED_SEEDS; each++) await this.#preview!.start(each);
    } catch (error) {
      this.#fault(error);
      return;
    }
    await act(session, async () => {
      await session.ownTasks.save(this.task, this.#before);
      const { config } = session.state;
      const others = config.tasks.filter(name => name !== this.#before && name !== this.task.name);
      session.configure({ ...config, tasks: [...others, this.task.name] });
      this.#dialog.close();
    });
  }

  async #remove(): Promise<void> {
    const { session } = this.#session;
    await act(session, () => session.ownTasks.remove(this.#before));
    this.#dialog.close();
  }

  async #openFile(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    try {
      this.task = fromFile(file.name, await file.text());
      this.problems = [];
    } catch (error) {
      this.problems = [{ field: 'name', message: (error as Error).message }];
    }
  }

  static override styles = [
    shared,
    css`
      dialog {
        width: min(960px, 96vw);
        max-height: 94vh;
        padding: var(--space-4);
        overflow: auto;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        color: inherit;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      header,
      footer,
      .row {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      header {
        justify-content: space-between;
      }
      footer {
        justify-content: flex-end;
        flex-wrap: wrap;
        margin-top: var(--space-3);
      }
      .columns {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-4);
        margin-top: var(--space-3);
      }
      .parts {
        display: grid;
        flex: 3 1 340px;
        gap: var(--space-3);
        min-width: 0;
      }
      .trial {
        display: grid;
        flex: 2 1 240px;
        gap: var(--space-2);
        align-content: start;
        min-width: 0;
      }
      .frame {
        min-width: 160px;
        min-height: 210px;
      }
      .part {
        display: grid;
        gap: 2px;
      }
      .part input,
      textarea {
        width: 100%;
        padding: 6px 8px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--ground);
        color: inherit;
        font-family: var(--mono);
        font-size: 12px;
      }
      [aria-invalid='true'] {
        border-color: var(--bad);
      }
      .bad {
        color: var(--bad);
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
      pre {
        max-height: 180px;
        margin: 0;
        padding: var(--space-2);
        overflow: auto;
        border-radius: var(--radius-small);
        background: var(--sunken);
        white-space: pre-wrap;
      }
    `,
  ];
}
