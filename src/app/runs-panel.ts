/** Runs kept in this browser: what set each apart, how it ended, and what can be done with it. */
import { css, html, LitElement, nothing } from 'lit';
import { describeDifference } from '../session/run-names.ts';
import { isActive } from '../session/state.ts';
import type { RunRow } from '../storage/schema.ts';
import { act } from './act.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

const STATES: Record<RunRow['status'], string> = {
  running: 'interrupted',
  paused: 'interrupted',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
};

export class RunsPanel extends LitElement {
  static override properties = { deleting: { state: true }, chosen: { state: true } };
  /** The run whose deletion was asked for once and waits to be confirmed. */
  declare deleting: string;
  /** Ids of the runs to compare, in the order in which they were chosen. */
  declare chosen: readonly string[];

  #compared: RunRow[] = [];
  readonly #session = new SessionController(this, ['runs', 'elsewhere', 'run', 'status', 'evaluations']);

  constructor() {
    super();
    this.deleting = '';
    this.chosen = [];
  }

  override render() {
    const { runs } = this.#session.state;
    const compared = this.chosen.flatMap(id => runs.find(run => run.id === id) ?? []);
    return html`
      <div class="card">
        <header>
          <h2>Runs</h2>
          ${runs.length > 1 ? html`<span class="small muted">Tick two or more to compare them.</span>` : nothing}
        </header>
        ${
          runs.length === 0
            ? html`<p class="muted">Runs are kept in this browser. None yet.</p>`
            : html`<ul>
                ${runs.map((run, i) => this.#row(run, runs[i + 1]))}
              </ul>`
        }
      </div>
      ${compared.length > 1 ? html`<run-comparison .runs=${this.#settled(compared)}></run-comparison>` : nothing}
    `;
  }

  /** The same list while the runs in it are the same, so that a redraw does not read them all again. */
  #settled(runs: RunRow[]): RunRow[] {
    const alike = runs.length === this.#compared.length && runs.every((run, i) => run === this.#compared[i]);
    if (!alike) this.#compared = runs;
    return this.#compared;
  }

  #row(run: RunRow, before: RunRow | undefined) {
    const { session, state } = this.#session;
    const idle = !isActive(state.status);
    const current = state.run?.id === run.id;
    const live = current && !idle;
    const done = run.step >= run.config.max_steps;
    const difference = before ? describeDifference(before.config, run.config) : 'first run';
    return html`
      <li class=${current ? 'current' : ''}>
        <input
          type="checkbox"
          aria-label="Compare ${run.name}"
          .checked=${this.chosen.includes(run.id)}
          @change=${(event: Event) => this.#choose(run.id, (event.target as HTMLInputElement).checked)}
        />
        <button
          class="plain name"
          ?disabled=${!idle}
          @click=${() => act(session, () => session.shelf.show(run.id))}
        >
          ${run.name}
        </button>
        <span class="small muted what" title=${difference}>${difference || 'as the one before'}</span>
        <span class="small number"
          >step ${current ? state.run!.step : run.step} of ${run.config.max_steps}</span
        >
        <span class="small ${run.status}"
          >${live ? state.status : state.elsewhere.has(run.id) ? 'in another tab' : STATES[run.status]}</span
        >
        <span class="small muted"
          >${new Date(run.createdAt).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}</span
        >
        <span class="actions">
          <button
            ?hidden=${live}
            ?disabled=${!idle}
            @click=${() => act(session, () => session.continue(run.id, done ? run.config.max_steps : 0))}
          >
            ${done ? 'Train further' : 'Resume'}
          </button>
          ${
            this.deleting === run.id
              ? html`<button class="danger" @click=${() => this.#delete(run)}>Delete for good</button>`
              : html`<button ?hidden=${live} @click=${() => (this.deleting = run.id)}>Delete</button>`
          }
        </span>
      </li>
    `;
  }

  #choose(id: string, chosen: boolean): void {
    const others = this.chosen.filter(other => other !== id);
    this.chosen = chosen ? [...others, id] : others;
  }

  async #delete(run: RunRow): Promise<void> {
    const { session } = this.#session;
    this.deleting = '';
    await act(session, () => session.shelf.deleteRun(run.id));
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: var(--space-3);
      }
      ul {
        display: grid;
        margin: var(--space-2) calc(-1 * var(--space-2)) 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: auto 150px minmax(0, 1fr) auto 84px auto auto;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-1) var(--space-2);
        border-top: 1px solid var(--line);
      }
      li.current {
        background: var(--sunken);
      }
      .name {
        justify-content: flex-start;
        font-weight: 600;
      }
      .what {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .actions {
        display: flex;
        gap: var(--space-2);
      }
      .actions button {
        min-height: 28px;
        font-size: 12px;
      }
      .failed,
      .danger {
        color: var(--bad);
      }
      .finished {
        color: var(--good);
      }
      @media (max-width: 1099px) {
        li {
          grid-template-columns: auto 1fr auto;
          gap: var(--space-1) var(--space-3);
        }
        .what {
          grid-column: 1 / -1;
          white-space: normal;
          padding: 0 var(--space-2);
        }
        .actions {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
}
