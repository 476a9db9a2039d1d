/** Name, device, and what leaves the tab: a link, an adapter, a model. */
import { css, html, LitElement } from 'lit';
import { toHash } from '../session/share-link.ts';
import { act } from './act.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import { applyTheme, currentTheme, setTheme, type Theme } from './theme.ts';

const THEMES: [Theme, string][] = [
  ['auto', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export class AppHeader extends LitElement {
  static override properties = { copied: { state: true } };
  declare copied: boolean;

  readonly #session = new SessionController(this, []);

  constructor() {
    super();
    this.copied = false;
    applyTheme();
  }

  override render() {
    return html`
      <h1>Browser GRPO</h1>
      <device-card></device-card>
      <nav aria-label="Share, export, theme">
        <button @click=${() => this.#share()}>${this.copied ? 'Link copied' : 'Share'}</button>
        <export-menu></export-menu>
        <label class="theme">
          <span class="sr-only">Colours</span>
          <select @change=${(event: Event) => setTheme((event.target as HTMLSelectElement).value as Theme)}>
            ${THEMES.map(
              ([theme, label]) =>
                html`<option value=${theme} ?selected=${currentTheme() === theme}>${label}</option>`,
            )}
          </select>
        </label>
      </nav>
    `;
  }

  async #share(): Promise<void> {
    const { session, state } = this.#session;
    const address = location.href.replace(/#.*$/, '') + toHash(state.config, state.ownTasks);
    await act(session, async () => {
      await navigator.clipboard.writeText(address);
      this.copied = true;
      setTimeout(() => (this.copied = false), 2000);
    });
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) 0 var(--space-1);
      }
      h1 {
        margin: 0;
        font-size: 17px;
        font-weight: 650;
        letter-spacing: -0.01em;
      }
      nav {
        display: flex;
        gap: var(--space-2);
        margin-left: auto;
      }
      .theme select {
        width: auto;
      }
      @media (max-width: 600px) {
        device-card {
          order: 3;
          width: 100%;
        }
        nav {
          gap: var(--space-1);
        }
        .theme select {
          width: 76px;
        }
        nav button {
          padding: 0 var(--space-2);
        }
      }
    `,
  ];
}
