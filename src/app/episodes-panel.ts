/** Episodes of a run by step and group, the explanation of what the group did. */
import { css, html, LitElement, nothing } from 'lit';
import type { EpisodeRecord } from '../protocol.ts';
import { episodesOfStep, stepsWithEpisodes } from '../storage/episodes.ts';
import { act } from './act.ts';
import type { EpisodeView } from './episode-view.ts';
import { count } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

type Show = 'train' | 'held-out';

export class EpisodesPanel extends LitElement {
  static override properties = {
    steps: { state: true },
    step: { state: true },
    group: { state: true },
    split: { state: true },
    task: { state: true },
    stored: { state: true },
  };
  declare steps: number[];
  /** null follows the newest step. */
  declare step: number | null;
  declare group: number;
  declare split: Show;
  declare task: string;
  declare stored: EpisodeRecord[];

  readonly #session = new SessionController(this, ['episodes', 'run', 'metrics']);
  #loaded = '';

  constructor() {
    super();
    this.steps = [];
    this.step = null;
    this.group = 0;
    this.split = 'train';
    this.task = '';
    this.stored = [];
  }

  override render() {
    const groups = this.#groups();
    const at = Math.min(this.group, groups.length - 1);
    const shown = groups[at];
    return html`
      <div
        class="card"
        @open-episode=${(event: CustomEvent<EpisodeRecord>) => this.#view().open(event.detail)}
      >
        <header>
          <h2>Episodes</h2>
          ${this.#filters(groups, at)}
        </header>
        ${
          shown
            ? html`<film-strip .episodes=${shown}></film-strip> ${
                  this.split === 'train'
                    ? html`<p class="small muted">
                        ${count(shown.length, 'try').replace('trys', 'tries')} from the same start. A try that
                        earned more than the others has a positive advantage and becomes likelier; one that
                        earned less becomes less likely.
                      </p>`
                    : nothing
                }`
            : html`<p class="muted">Groups of tries appear here once a run has played some.</p>`
        }
      </div>
      <episode-view></episode-view>
    `;
  }

  override updated(): void {
    void act(this.#session.session, () => this.#load());
  }

  #filters(groups: EpisodeRecord[][], at: number) {
    const tasks = this.#session.state.run?.config.tasks ?? [];
    if (this.steps.length === 0 && groups.length === 0) return nothing;
    const value = (event: Event) => (event.target as HTMLSelectElement).value;
    return html`
      <div class="filters">
        <label>
          <span class="sr-only">Kind</span>
          <select @change=${(event: Event) => ((this.split = value(event) as Show), (this.group = 0))}>
            <option value="train">training</option>
            <option value="held-out">held-out</option>
          </select>
        </label>
        <label>
          <span class="sr-only">Step</span>
          <select @change=${(event: Event) => this.#choose(value(event))}>
            <option value="" ?selected=${this.step === null}>newest step</option>
            ${this.steps
              .toReversed()
              .map(step => html`<option value=${step} ?selected=${step === this.step}>step ${step}</option>`)}
          </select>
        </label>
        <label>
          <span class="sr-only">Task</span>
          <select @change=${(event: Event) => ((this.task = value(event)), (this.group = 0))}>
            <option value="">all tasks</option>
            ${tasks.map(task => html`<option ?selected=${task === this.task}>${task}</option>`)}
          </select>
        </label>
        <span class="stepper">
          <button aria-label="Previous group" ?disabled=${at <= 0} @click=${() => (this.group = at - 1)}>
            ‹
          </button>
          <span class="small number">group ${groups.length ? at + 1 : 0} of ${groups.length}</span>
          <button
            aria-label="Next group"
            ?disabled=${at >= groups.length - 1}
            @click=${() => (this.group = at + 1)}
          >
            ›
          </button>
        </span>
      </div>
    `;
  }

  /** The groups of the chosen step, live ones where nothing is chosen and a run has some. */
  #groups(): EpisodeRecord[][] {
    const { episodes } = this.#session.state;
    const live = this.step === null && this.split === 'train' && episodes.length > 0;
    const source = live ? newest(episodes) : this.stored;
    const groups = new Map<string, EpisodeRecord[]>();
    for (const episode of source) {
      if (episode.split !== this.split || (this.task && episode.task !== this.task)) continue;
      // Held-out episodes have no group of tries: a strip holds those of one task.
      const key = episode.split === 'train' ? `${episode.step} ${episode.group}` : episode.task;
      const members = groups.get(key) ?? [];
      if (members.length < 40) members.push(episode);
      groups.set(key, members);
    }
    return [...groups.values()].map(group => group.sort((a, b) => a.generation - b.generation));
  }

  #choose(text: string): void {
    this.step = text === '' ? null : Number(text);
    this.group = 0;
  }

  /** Reads steps and episodes when what is to be shown has changed. */
  async #load(): Promise<void> {
    const { run, metrics, episodes } = this.#session.state;
    const key = `${run?.id} ${this.step} ${metrics.length} ${episodes.length > 0} ${this.split}`;
    if (key === this.#loaded) return;
    this.#loaded = key;
    this.steps = run ? await stepsWithEpisodes(run.id) : [];
    const step = this.step ?? (await this.#newestOf(run?.id));
    this.stored = run && step !== undefined ? await episodesOfStep(run.id, step) : [];
  }

  async #newestOf(runId: string | undefined): Promise<number | undefined> {
    for (const step of this.steps.toReversed()) {
      if (runId && (await episodesOfStep(runId, step)).some(episode => episode.split === this.split))
        return step;
    }
    return undefined;
  }

  #view(): EpisodeView {
    return this.renderRoot.querySelector<EpisodeView>('episode-view')!;
  }

  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--space-3);
        min-width: 0;
      }
      header,
      .filters {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-3);
      }
      .filters {
        margin-left: auto;
      }
      .filters select {
        width: auto;
        min-height: 28px;
      }
      .stepper {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
      .stepper button {
        min-height: 28px;
        width: 28px;
        padding: 0;
      }
      film-strip {
        min-width: 0;
      }
    `,
  ];
}

/** Episodes of the newest step that has whole groups, else of the one under way. */
function newest(episodes: EpisodeRecord[]): EpisodeRecord[] {
  const step = Math.max(...episodes.map(episode => episode.step));
  return episodes.filter(episode => episode.step === step);
}
