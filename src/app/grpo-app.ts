/** The page: header, controls, three columns (tabs where it is narrow), episodes and runs; keyboard and dropped files. */
import { css, html, LitElement, nothing } from 'lit';
import { takeFiles } from '../session/incoming.ts';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { droppedFiles } from './dropped-files.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

const TABS = [
  ['setup', 'Setup'],
  ['watch', 'Watch'],
  ['results', 'Results'],
  ['history', 'Runs'],
] as const;
type Tab = (typeof TABS)[number][0];

export class GrpoApp extends LitElement {
  static override properties = { tab: { state: true }, dropping: { state: true } };
  declare tab: Tab;
  declare dropping: boolean;

  readonly #session = new SessionController(this, ['status']);
  readonly #listening = new AbortController();

  constructor() {
    super();
    this.tab = 'setup';
    this.dropping = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { signal } = this.#listening;
    addEventListener('keydown', event => this.#onKey(event), { signal });
    addEventListener('dragover', event => this.#onDrag(event), { signal });
    addEventListener('dragleave', event => (this.dropping = event.relatedTarget !== null), { signal });
    addEventListener('drop', event => void this.#onDrop(event), { signal });
    document.addEventListener('visibilitychange', () => this.#onLook(), { signal });
    addEventListener('show-tab', event => (this.tab = (event as CustomEvent<Tab>).detail), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening.abort();
  }

  override render() {
    return html`
      <app-header></app-header>
      <div class="bar"><run-controls></run-controls></div>
      <message-bar></message-bar>
      <div class="tabs" role="tablist" aria-label="Parts of the page">
        ${TABS.map(
          ([tab, label]) =>
            html`<button
              role="tab"
              class="plain"
              id="tab-${tab}"
              aria-selected=${this.tab === tab}
              aria-controls=${tab}
              @click=${() => (this.tab = tab)}
            >
              ${label}
            </button>`,
        )}
      </div>
      <main data-tab=${this.tab}>
        <section id="setup" aria-label="What it learns">
          <policy-panel></policy-panel>
          <environment-panel></environment-panel>
          <tasks-panel></tasks-panel>
          <settings-panel></settings-panel>
        </section>
        <section id="watch" aria-label="What it is doing">
          <frame-grid><slot name="frames"></slot></frame-grid>
          <episodes-panel></episodes-panel>
        </section>
        <section id="results" aria-label="How well it does">
          <curves-panel></curves-panel>
        </section>
        <section id="history" aria-label="Runs">
          <runs-panel></runs-panel>
        </section>
      </main>
      ${this.dropping ? html`<div class="drop"><p>Drop a checkpoint’s zip, a model’s folder, or MiniWoB++’s html folder</p></div>` : nothing}
    `;
  }

  /** Space pauses and resumes, unless a control has the focus that space would press. */
  #onKey(event: KeyboardEvent): void {
    if (event.code !== 'Space' || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (
      target instanceof Element &&
      target.closest('input, select, textarea, button, summary, a, dialog, [tabindex]')
    )
      return;
    const { session } = this.#session;
    if (!isActive(session.state.status)) return;
    event.preventDefault();
    void act(session, () => (session.state.status === 'paused' ? session.resume() : session.pause()));
  }

  /** What other tabs did meanwhile. */
  #onLook(): void {
    const { session } = this.#session;
    if (!document.hidden) void act(session, () => session.shelf.refresh());
  }

  #onDrag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  }

  async #onDrop(event: DragEvent): Promise<void> {
    this.dropping = false;
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const { session } = this.#session;
    const files = droppedFiles(event.dataTransfer);
    await act(session, async () => takeFiles(session, await files));
  }

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        max-width: 1680px;
        margin: 0 auto;
        padding: 0 var(--space-4) var(--space-6);
      }
      .bar {
        position: sticky;
        top: 0;
        z-index: 5;
        padding: var(--space-2) 0;
        background: var(--ground);
      }
      main {
        display: grid;
        grid-template-columns: minmax(250px, 290px) minmax(360px, 1fr) minmax(340px, 440px);
        gap: var(--space-4);
        align-items: start;
        margin-top: var(--space-2);
      }
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        min-width: 0;
      }
      /* Setup is the tallest column: what is below the others stands beside it. */
      #setup {
        grid-row: 1 / span 2;
      }
      #history {
        grid-column: 2 / -1;
      }
      main {
        grid-template-rows: auto 1fr;
      }
      .tabs {
        display: none;
      }
      :host-context([data-view='embed']) #setup {
        display: none;
      }
      .drop {
        position: fixed;
        inset: var(--space-3);
        z-index: 20;
        display: grid;
        place-items: center;
        border: 2px dashed var(--accent);
        border-radius: var(--radius);
        background: color-mix(in oklab, var(--ground) 88%, transparent);
        font-size: 18px;
        pointer-events: none;
      }
      @media (max-width: 1099px) {
        :host {
          padding: 0 var(--space-3) 120px;
        }
        main {
          display: block;
        }
        .bar {
          position: fixed;
          inset: auto 0 0;
          z-index: 10;
          padding: var(--space-2) var(--space-3) calc(var(--space-2) + env(safe-area-inset-bottom));
          border-top: 1px solid var(--line);
          background: var(--surface);
        }
        .tabs {
          position: sticky;
          top: 0;
          z-index: 4;
          display: grid;
          grid-template-columns: repeat(4, 1fr);
          gap: var(--space-1);
          margin: var(--space-2) 0 var(--space-3);
          padding: var(--space-1) 0;
          background: var(--ground);
        }
        .tabs button {
          border-radius: 0;
          border-bottom: 2px solid transparent;
        }
        .tabs button[aria-selected='true'] {
          border-bottom-color: var(--accent);
          font-weight: 600;
        }
        section {
          display: none;
        }
        main[data-tab='setup'] #setup,
        main[data-tab='results'] #results,
        main[data-tab='history'] #history {
          display: grid;
        }
        /* Frames must keep their layout while they are not looked at: a task without boxes cannot be clicked. */
        #watch {
          display: grid;
        }
        main:not([data-tab='watch']) #watch {
          position: fixed;
          left: -10000px;
          top: 0;
          width: 360px;
        }
      }
    `,
  ];
}
