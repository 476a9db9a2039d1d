/** Which tasks the run trains on. */
import { css, html, LitElement } from 'lit';
import { parseEnvironment } from '../config/environment-name.ts';
import { isActive } from '../session/state.ts';
import { tasksOffered } from '../session/tasks.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import type { DemonstrationRecorder } from './demonstration-recorder.ts';
import type { TaskEditor } from './task-editor.ts';
import type { OwnTask } from '../session/own-tasks.ts';

/** Tasks up to which a list needs no search. */
const SHORT = 12;

export class TasksPanel extends LitElement {
  static override properties = { filter: { state: true } };
  /** Part of the names that are shown. */
  declare filter: string;

  readonly #session = new SessionController(this, ['config', 'status', 'ownTasks', 'pageFolders', 'servers']);

  constructor() {
    super();
    this.filter = '';
  }

  override render() {
    const { config, status, ownTasks: own } = this.#session.state;
    const offered = tasksOffered(this.#session.state);
    const { kind } = parseEnvironment(config.environment);
    const long = offered.length > SHORT;
    const wanted = long ? this.filter.trim().toLowerCase() : '';
    const shown = offered.filter(({ name }) => name.includes(wanted));
    // A server plays its own task and no other.
    const ownTasks = kind === 'openenv' ? [] : own;
    return html`
      <fieldset class="card" ?disabled=${isActive(status)}>
        <legend class="sr-only">Tasks</legend>
        <header>
          <h2>Tasks</h2>
          <span class="small muted">${config.tasks.length} of ${offered.length + ownTasks.length}</span>
        </header>
        ${long ? this.#narrow(shown.map(task => task.name)) : ''}
        <ul class="catalogue">
          ${shown.map(
            ({ name, summary, sight }) => html`
              <li>
                <label title=${summary}>
                  <input
                    type="checkbox"
                    .checked=${config.tasks.includes(name)}
                    @change=${(event: Event) => this.#toggle([name], (event.target as HTMLInputElement).checked)}
                  />
                  <span>${name}</span>
                  <span class="tags">
                    ${sight ? html`<span class="tag" title="Only the picture tells">sight</span>` : ''}
                    ${kind === 'openenv' ? html`<span class="tag" title="On a server">OpenEnv</span>` : ''}
                    ${kind === 'pages' ? html`<span class="tag" title="MiniWoB++’s own page">MiniWoB++</span>` : ''}
                  </span>
                </label>
              </li>
            `,
          )}
        </ul>
        <h3>Your own</h3>
        <ul data-testid="own-tasks">
          ${ownTasks.map(
            task => html`
              <li class="own">
                <label>
                  <input
                    type="checkbox"
                    .checked=${config.tasks.includes(task.name)}
                    @change=${(event: Event) => this.#toggle([task.name], (event.target as HTMLInputElement).checked)}
                  />
                  <span>${task.name}</span>
                </label>
                <button class="plain small" @click=${() => this.#edit(task)}>Edit</button>
              </li>
            `,
          )}
        </ul>
        <div class="row">
          <button @click=${() => this.#edit()}>New task…</button>
          <button ?disabled=${config.tasks.length === 0} @click=${() => this.#record()}>Demonstrate…</button>
        </div>
        ${config.tasks.length === 0 ? html`<p class="small bad">Choose at least one task.</p>` : ''}
      </fieldset>
      <task-editor></task-editor>
      <demonstration-recorder></demonstration-recorder>
    `;
  }

  /** A way to the tasks of a long list, and to take or leave all that are shown. */
  #narrow(shown: readonly string[]) {
    return html`<div class="narrow">
      <input
        type="search"
        aria-label="Show tasks whose name has"
        placeholder="Find, such as click"
        .value=${this.filter}
        @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
      />
      <button class="small" @click=${() => this.#toggle(shown, true)}>All</button>
      <button class="small" @click=${() => this.#toggle(shown, false)}>None</button>
    </div>`;
  }

  /** Keeps the order of the list, so that the same choice is the same configuration. */
  #toggle(names: readonly string[], on: boolean): void {
    const { session, state } = this.#session;
    const chosen = new Set(state.config.tasks);
    for (const name of names)
      if (on) chosen.add(name);
      else chosen.delete(name);
    const tasks = [...tasksOffered(state), ...state.ownTasks]
      .map(task => task.name)
      .filter(task => chosen.has(task));
    session.configure({ ...state.config, tasks });
  }

  #edit(task?: OwnTask): void {
    this.renderRoot.querySelector<TaskEditor>('task-editor')!.open(task);
  }

  #record(): void {
    this.renderRoot.querySelector<DemonstrationRecorder>('demonstration-recorder')!.open();
  }

  static override styles = [
    shared,
    css`
      fieldset {
        margin: 0;
        min-width: 0;
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
      }
      ul {
        display: grid;
        gap: 1px;
        margin: var(--space-2) calc(-1 * var(--space-2)) 0;
        padding: 0;
        list-style: none;
      }
      .narrow {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        gap: var(--space-1);
        margin-top: var(--space-2);
      }
      /* Over a hundred rows: the settings below must stay within reach. */
      .catalogue {
        max-height: 26rem;
        overflow-y: auto;
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        padding: 3px var(--space-2);
        border-radius: var(--radius-small);
        cursor: pointer;
      }
      label:hover {
        background: var(--sunken);
      }
      .own {
        display: flex;
        align-items: center;
      }
      .own label {
        flex: 1;
      }
      h3 {
        margin-top: var(--space-3);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin-top: var(--space-2);
      }
      .tags {
        display: flex;
        gap: var(--space-1);
        margin-left: auto;
      }
      .tag {
        padding: 0 6px;
        border-radius: 99px;
        background: var(--sunken);
        color: var(--muted);
        font-size: 11px;
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];
}
