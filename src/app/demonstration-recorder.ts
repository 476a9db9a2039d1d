/** A person does tasks in a live frame, and what they do is kept as demonstrations: a dialog. */
import { css, html, LitElement, nothing } from 'lit';
import { act } from './act.ts';
import type { DemonstrationStage } from './demonstration-stage.ts';
import { count } from './format.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import { dialogStyles, shared } from './styles.ts';

export class DemonstrationRecorder extends LitElement {
  static override properties = { task: { state: true }, said: { state: true } };
  declare task: string;
  /** What became of the last thing that was done. */
  declare said: string;

  readonly #session = new SessionController(this, ['config', 'demonstrations']);

  constructor() {
    super();
    this.task = '';
    this.said = '';
  }

  /** Opens the dialog on the first of the chosen tasks. */
  open(): void {
    const { tasks } = this.#session.state.config;
    if (!tasks.includes(this.task)) this.task = tasks[0] ?? '';
    this.said = '';
    this.#dialog.showModal();
  }

  override render() {
    const { config, demonstrations } = this.#session.state;
    const own = demonstrations.filter(row => row.task === this.task);
    // Not there yet when the dialog is rendered first.
    const { latest = null, actions = [] } = this.#stage ?? {};
    return html`
      <dialog aria-labelledby="heading" @close=${() => this.#closed()}>
        <header>
          <h2 id="heading">Show how it is done</h2>
          <button class="plain" @click=${() => this.#dialog.close()}>Close</button>
        </header>
        <p class="small muted">
          Do the task with mouse and keyboard. Each thing you do becomes an action as the policy writes them;
          what solves the task is kept in this browser, and the method “Warm start” learns from it.
        </p>
        <div class="columns">
          <demonstration-stage
            @told=${(event: CustomEvent<string>) => this.#told(event.detail)}
          ></demonstration-stage>
          <div class="side">
            <label>
              Task
              <select
                aria-label="Task to show"
                @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value)}
              >
                ${config.tasks.map(task => html`<option ?selected=${task === this.task}>${task}</option>`)}
              </select>
            </label>
            <div class="row">
              <button class="primary" ?disabled=${!this.task} @click=${() => this.#stage!.start(this.task)}>
                ${latest ? 'Another one' : 'Start'}
              </button>
              <button ?disabled=${!latest} @click=${() => this.#stage!.again(this.task)}>Start over</button>
            </div>
            ${
              latest
                ? html`<p>
                    <strong>Goal</strong> <span data-testid="goal">${latest.observation.goal}</span>
                  </p>`
                : nothing
            }
            <ol class="mono" data-testid="actions">
              ${actions.map(action => html`<li>${action}</li>`)}
            </ol>
            <p class="small" role="status">${this.said}</p>
            <p class="small muted">${count(own.length, 'demonstration')} of ${this.task} kept here.</p>
          </div>
        </div>
        <footer>
          <label class="button">
            Import…
            <input
              class="sr-only"
              type="file"
              accept=".jsonl,.json"
              data-testid="demonstrations-file"
              @change=${(event: Event) => void this.#import(event.target as HTMLInputElement)}
            />
          </label>
          <button
            ?disabled=${demonstrations.length === 0}
            @click=${() => saveFile('demonstrations.jsonl', this.#session.session.demonstrations.export())}
          >
            Export all (JSONL)
          </button>
          <button
            ?disabled=${own.length === 0}
            @click=${() => act(this.#session.session, () => this.#session.session.demonstrations.remove(own))}
          >
            Delete those of ${this.task}
          </button>
        </footer>
      </dialog>
    `;
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!;
  }

  get #stage(): DemonstrationStage | null {
    return this.renderRoot.querySelector<DemonstrationStage>('demonstration-stage');
  }

  /** Whatever is told, the stage may show another page than before. */
  #told(text: string): void {
    this.said = text;
    this.requestUpdate();
  }

  #closed(): void {
    this.#stage?.close();
    this.requestUpdate();
  }

  #choose(task: string): void {
    this.task = task;
    void this.#stage!.start(task);
  }

  async #import(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    try {
      const held = await this.#session.session.demonstrations.import(file.name, await file.text());
      this.said = `${count(held, 'demonstration')} came in.`;
    } catch (error) {
      this.said = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [
    shared,
    dialogStyles,
    css`
      dialog {
        width: min(760px, 96vw);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
      }
      .side {
        display: grid;
        flex: 1 1 240px;
        gap: var(--space-3);
        align-content: start;
        min-width: 0;
      }
      .side label {
        display: grid;
        gap: var(--space-1);
      }
      ol {
        max-height: 180px;
        margin: 0;
        padding-left: 2.2em;
        overflow: auto;
      }
    `,
  ];
}
