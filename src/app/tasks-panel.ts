/** Which tasks the run trains on. */
import { css, html, LitElement } from 'lit';
import { isActive } from '../session/state.ts';
import { TASKS } from '../session/tasks.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class TasksPanel extends LitElement {
  readonly #session = new SessionController(this, ['config', 'status']);

  override render() {
    const { config, status } = this.#session.state;
    return html`
      <fieldset class="card" ?disabled=${isActive(status)}>
        <legend class="sr-only">Tasks</legend>
        <header>
          <h2>Tasks</h2>
          <span class="small muted">${config.tasks.length} of ${TASKS.length}</span>
        </header>
        <ul>
          ${TASKS.map(
            ({ name, summary, needs }) => html`
              <li>
                <label title=${summary}>
                  <input
                    type="checkbox"
                    .checked=${config.tasks.includes(name)}
                    @change=${(event: Event) => this.#toggle(name, (event.target as HTMLInputElement).checked)}
                  />
                  <span>${name}</span>
                  ${needs.includes('sight') ? html`<span class="tag" title="Only the picture tells">sight</span>` : ''}
                </label>
              </li>
            `,
          )}
        </ul>
        ${config.tasks.length === 0 ? html`<p class="small bad">Choose at least one task.</p>` : ''}
      </fieldset>
    `;
  }

  /** Keeps the order of the list, so that the same choice is the same configuration. */
  #toggle(name: string, on: boolean): void {
    const { session, state } = this.#session;
    const chosen = new Set(state.config.tasks);
    if (on) chosen.add(name);
    else chosen.delete(name);
    const tasks = TASKS.map(task => task.name).filter(task => chosen.has(task));
    session.configure({ ...state.config, tasks });
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
      .tag {
        margin-left: auto;
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
