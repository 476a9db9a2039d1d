/** Where the tasks of the next run come from, and how pages from outside come in. */
import { css, html, LitElement, nothing } from 'lit';
import { BUILT_IN, parseEnvironment } from '../config/environment-name.ts';
import { isActive } from '../session/state.ts';
import { TASKS } from '../session/tasks.ts';
import type { PageFolderRow } from '../storage/schema.ts';
import { act } from './act.ts';
import { filePicker } from './file-picker.ts';
import { bytes } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class EnvironmentPanel extends LitElement {
  static override properties = { progress: { state: true } };
  /** What is being brought in, '' for nothing. */
  declare progress: string;

  readonly #session = new SessionController(this, ['config', 'pageFolders', 'status']);

  constructor() {
    super();
    this.progress = '';
  }

  override render() {
    const { session, state } = this.#session;
    const { config, pageFolders, status } = state;
    const idle = !isActive(status) && this.progress === '';
    const listed = [BUILT_IN, ...pageFolders.map(row => `pages:${row.id}`)];
    return html`
      <div class="card">
        <h2>Environment</h2>
        <select
          aria-label="Environment"
          ?disabled=${!idle}
          @change=${(event: Event) => session.pages.choose((event.target as HTMLSelectElement).value)}
        >
          <option value=${BUILT_IN} ?selected=${config.environment === BUILT_IN}>
            Built in, ${TASKS.length} tasks
          </option>
          ${pageFolders.map(
            row =>
              html`<option value="pages:${row.id}" ?selected=${config.environment === `pages:${row.id}`}>
                MiniWoB++’s own pages, ${row.name}
              </option>`,
          )}
          ${
            listed.includes(config.environment)
              ? nothing
              : html`<option value=${config.environment} selected>${labelOf(config.environment)}</option>`
          }
        </select>
        ${this.#chosen(idle)}
        <details>
          <summary class="small">MiniWoB++’s own pages…</summary>
          <p class="small muted">
            Pick, or drop anywhere on this page, MiniWoB++’s <code>html</code> folder (<code
              >miniwob/html</code
            >
            in
            <a href="https://github.com/Farama-Foundation/miniwob-plusplus" target="_blank" rel="noopener"
              >its repository</a
            >) or the repository’s zip. Its pages run as they are, in the same sandbox, and are kept in this
            browser only.
          </p>
          <div class="picks">
            ${this.#picker('Pick the folder…', true, idle)} ${this.#picker('Pick a zip…', false, idle)}
          </div>
          <form @submit=${(event: Event) => void this.#fetch(event)}>
            <input
              name="address"
              type="url"
              aria-label="Address of the html folder"
              placeholder="or its address"
              ?disabled=${!idle}
            />
            <button ?disabled=${!idle}>Fetch</button>
          </form>
          ${this.progress ? html`<p class="small" role="status">${this.progress}</p>` : nothing}
        </details>
        <server-form></server-form>
      </div>
    `;
  }

  /** What is to be said of the environment that is chosen. */
  #chosen(idle: boolean) {
    const { state } = this.#session;
    const name = parseEnvironment(state.config.environment);
    if (name.kind !== 'pages') return nothing;
    const row = state.pageFolders.find(each => each.id === name.id);
    if (!row)
      return html`<p class="small bad">
        These pages are not in this browser. Pick or drop the same copy below.
      </p>`;
    return html`<p class="small muted" data-testid="page-folder">
      ${row.tasks.length} tasks, ${bytes(row.bytes)}, from ${row.name},
      ${new Date(row.addedAt).toLocaleDateString()}.
      <button class="plain small" ?disabled=${!idle} @click=${() => this.#delete(row)}>Delete</button>
    </p>`;
  }

  #picker(label: string, folder: boolean, idle: boolean) {
    return filePicker({
      label,
      testid: folder ? 'pages-folder' : 'pages-zip',
      folder,
      accept: folder ? '' : '.zip',
      disabled: !idle,
      take: files => this.#bring('Reading the pages…', () => this.#session.session.pages.import(files)),
    });
  }

  async #fetch(event: Event): Promise<void> {
    event.preventDefault();
    const input = (event.target as HTMLFormElement).elements.namedItem('address') as HTMLInputElement;
    if (!input.value.trim()) return;
    const onProgress = (done: number, total: number) =>
      (this.progress = `Fetching pages, ${done} of ${total}`);
    const fetched = await this.#bring('Fetching pages…', () =>
      this.#session.session.pages.fetch(input.value, onProgress),
    );
    if (fetched) input.value = '';
  }

  async #bring(words: string, work: () => Promise<string>): Promise<string | undefined> {
    this.progress = words;
    try {
      return await act(this.#session.session, work);
    } finally {
      this.progress = '';
    }
  }

  #delete({ id }: PageFolderRow): void {
    const { session } = this.#session;
    void act(session, () => session.pages.remove(id));
  }

  static override styles = [
    shared,
    css`
      .card,
      details {
        display: grid;
        gap: var(--space-2);
      }
      details > :not(summary) {
        margin-top: var(--space-2);
      }
      .picks {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .picks button {
        min-height: 28px;
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-2);
      }
      p {
        overflow-wrap: anywhere;
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];
}

/** An environment that a link or a run names. */
function labelOf(environment: string): string {
  const name = parseEnvironment(environment);
  if (name.kind === 'openenv') return `OpenEnv, ${name.addresses.join(', ')}`;
  return `MiniWoB++’s own pages ${name.kind === 'pages' ? name.id : ''} (not here)`;
}
