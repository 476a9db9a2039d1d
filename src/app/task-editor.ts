/** Writes a task of one's own: its parts, errors where they are, and beside them the task played by hand. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import {
  EXAMPLE,
  faultOf,
  fromFile,
  toFile,
  type OwnTask,
  type OwnTaskField,
  type OwnTaskProblem,
} from '../session/own-tasks.ts';
import { act } from './act.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import { dialogStyles, shared } from './styles.ts';
import type { TaskTrial } from './task-trial.ts';

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
    kept: { state: true },
  };
  declare task: OwnTask;
  declare problems: readonly OwnTaskProblem[];
  /** Whether what is shown was written before and closed without saving. */
  declare kept: boolean;

  readonly #session = new SessionController(this, ['ownTasks']);
  /** What was closed without saving, by the name that it is saved under. */
  readonly #drafts = new Map<string, OwnTask>();
  /** As it was opened. */
  #original: OwnTask = EXAMPLE;
  /** The name that the task is saved under, '' for a new one. */
  #before = '';

  constructor() {
    super();
    this.task = EXAMPLE;
    this.problems = [];
    this.kept = false;
  }

  /** Opens the dialog on a task or on the example, as far as it was written when it was closed without saving. */
  open(task?: OwnTask): void {
    this.#before = task?.name ?? '';
    this.#original = task ?? { ...EXAMPLE, name: this.#freeName(EXAMPLE.name) };
    const draft = this.#drafts.get(this.#before);
    this.kept = draft !== undefined;
    this.task = { ...(draft ?? this.#original) };
    this.problems = [];
    this.#dialog.showModal();
    void this.#try();
  }

  override render() {
    return html`
      <dialog aria-labelledby="heading" @close=${() => this.#closed()}>
        <header>
          <h2 id="heading">${this.#before ? `Task ${this.#before}` : 'A task of your own'}</h2>
          <button class="plain" @click=${() => this.#dialog.close()}>Close</button>
        </header>
        ${
          this.kept
            ? html`<p class="small kept" role="status">
                What you had written is back.
                <button class="plain small" @click=${() => this.#startOver()}>Start over</button>
              </p>`
            : nothing
        }
        <div class="columns">
          <div class="parts">${ORDER.map(field => this.#part(field))}</div>
          <task-trial
            @try=${() => void this.#try()}
            @fault=${(event: CustomEvent<string>) => (this.problems = [faultOf(event.detail)])}
          ></task-trial>
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

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  get #trial(): TaskTrial {
    return this.renderRoot.querySelector('task-trial')!;
  }

  #closed(): void {
    this.#trial.clear();
    const written = Object.entries(this.task).some(
      ([part, text]) => this.#original[part as OwnTaskField] !== text,
    );
    if (written) this.#drafts.set(this.#before, this.task);
    else this.#drafts.delete(this.#before);
  }

  #startOver(): void {
    this.task = { ...this.#original };
    this.kept = false;
    void this.#try();
  }

  #freeName(name: string): string {
    const taken = new Set(this.#session.state.ownTasks.map(task => task.name));
    for (let n = 2; taken.has(name); n++) name = `${EXAMPLE.name}-${n}`;
    return name;
  }

  override updated(changed: PropertyValues): void {
    // On a small screen the part may be far above the button that was pressed.
    if (changed.has('problems') && this.problems.length > 0)
      this.renderRoot.querySelector('[aria-invalid="true"]')?.scrollIntoView({ block: 'center' });
  }

  /** Whether the parts are sound by themselves; what is not is shown beside them. */
  #sound(): boolean {
    this.problems = this.#session.session.ownTasks.problems(this.task, this.#before);
    return this.problems.length === 0;
  }

  async #try(): Promise<boolean> {
    return this.#sound() && this.#trial.start(this.task);
  }

  /** Saves what starts with several seeds. */
  async #save(): Promise<void> {
    const { session } = this.#session;
    if (!this.#sound() || !(await this.#trial.check(this.task, CHECKED_SEEDS))) return;
    await act(session, async () => {
      await session.ownTasks.save(this.task, this.#before);
      const { config } = session.state;
      const others = config.tasks.filter(name => name !== this.#before && name !== this.task.name);
      session.configure({ ...config, tasks: [...others, this.task.name] });
      this.#original = this.task;
      this.#dialog.close();
    });
  }

  async #remove(): Promise<void> {
    const { session } = this.#session;
    await act(session, () => session.ownTasks.remove(this.#before));
    this.#original = this.task;
    this.#dialog.close();
  }

  async #openFile(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    try {
      this.task = fromFile(file.name, await file.text());
      this.problems = [];
      void this.#try();
    } catch (error) {
      this.problems = [{ field: 'name', message: (error as Error).message }];
    }
  }

  static override styles = [
    shared,
    dialogStyles,
    css`
      dialog {
        width: min(960px, 96vw);
      }
      .parts {
        display: grid;
        flex: 3 1 340px;
        gap: var(--space-3);
        min-width: 0;
      }
      task-trial {
        flex: 2 1 240px;
      }
      .kept {
        display: flex;
        align-items: center;
        margin-top: var(--space-2);
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
      /* As tall as what is written, up to a point; browsers without it keep the rows. */
      textarea {
        field-sizing: content;
        min-height: 4lh;
        max-height: 22lh;
      }
      [aria-invalid='true'] {
        border-color: var(--bad);
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];
}
