/** A policy from the Hugging Face Hub or an address: named, looked up, downloaded, and what of such is kept here. */
import { css, html, LitElement, nothing } from 'lit';
import { isCommit, parseModelName } from '../config/model-name.ts';
import { canSignIn, hubToken, setHubToken, signIn } from '../session/hub-account.ts';
import { isActive } from '../session/state.ts';
import type { StoredModel } from '../storage/weights/cache.ts';
import { act } from './act.ts';
import { bytes } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import { downloadWords } from './wording.ts';

/** A model's name as a person knows it: the repository and the start of its commit. */
export function remoteLabel(model: string): string {
  try {
    const name = parseModelName(model);
    if (name.kind === 'address') return name.url.replace(/^https?:\/\//, '') + (name.file ?? '');
    if (name.kind !== 'hub') return model;
    const revision = isCommit(name.revision) ? name.revision.slice(0, 7) : name.revision;
    return `${name.repo}${name.file ? `/${name.file}` : ''} @ ${revision}`;
  } catch {
    return model;
  }
}

export class RemoteModel extends LitElement {
  static override properties = { looking: { state: true } };
  /** Whether a name is being looked up. */
  declare looking: boolean;

  readonly #session = new SessionController(this, ['config', 'downloaded', 'download', 'status']);

  constructor() {
    super();
    this.looking = false;
  }

  override render() {
    const { config, download, status } = this.#session.state;
    const idle = !isActive(status);
    return html`
      <form @submit=${(event: Event) => this.#lookUp(event)}>
        <input
          name="model"
          aria-label="Hub repository or address"
          placeholder="LiquidAI/LFM2-VL-450M"
          autocomplete="off"
          spellcheck="false"
        />
        <button class="small" ?disabled=${!idle || this.looking}>${this.looking ? 'Looking…' : 'Use'}</button>
      </form>
      ${this.#chosen(config.model, idle)}
      ${
        download
          ? html`<div class="download" role="status" data-testid="download">
              <progress
                max=${download.total || nothing}
                value=${download.total ? download.loaded : nothing}
              ></progress>
              <span class="small number"
                >${downloadWords({ done: download.loaded, total: download.total, rate: download.rate, note: '' })}</span
              >
              <button
                class="small"
                @click=${() => act(this.#session.session, () => this.#session.session.models.cancel())}
              >
                Cancel
              </button>
            </div>`
          : nothing
      }
      ${this.#access()} ${this.#kept(idle)}
    `;
  }

  /** The chosen model, when it is one from elsewhere: whether it is here, and the button that brings it. */
  #chosen(model: string, idle: boolean) {
    const { session, state } = this.#session;
    if (!/^(hub:|https?:)/.test(model)) return nothing;
    const kept = state.downloaded.find(stored => stored.model === model);
    if (kept?.complete) return html`<p class="small muted">Here, ${bytes(kept.bytes)}.</p>`;
    const part = kept && kept.present > 0 ? `${bytes(kept.present)} of ${bytes(kept.bytes)} are here. ` : '';
    return html`
      <model-plan></model-plan>
      <p class="small muted">${part}It is downloaded when you train, or now:</p>
      <button
        class="small"
        ?disabled=${!idle || state.download !== null}
        @click=${() => act(session, () => session.models.download(model))}
      >
        Download
      </button>
    `;
  }

  #access() {
    const take = (event: Event) => {
      setHubToken((event.target as HTMLInputElement).value);
      this.requestUpdate();
    };
    return html`
      <details>
        <summary class="small">Private or gated${hubToken() ? ': token given' : ''}</summary>
        <input
          type="password"
          aria-label="Hugging Face access token"
          placeholder="hf_…"
          autocomplete="off"
          .value=${hubToken() ?? ''}
          @change=${take}
        />
        <p class="small muted">
          Stays in this tab until it is closed; goes to huggingface.co only.
          ${canSignIn() ? html`<button class="plain small" @click=${() => signIn()}>Sign in instead</button>` : nothing}
        </p>
      </details>
    `;
  }

  #kept(idle: boolean) {
    const { downloaded } = this.#session.state;
    if (downloaded.length === 0) return nothing;
    const total = downloaded.reduce((sum, { present }) => sum + present, 0);
    return html`
      <details data-testid="downloaded">
        <summary class="small">Downloaded, ${bytes(total)}</summary>
        <ul>
          ${downloaded.map(
            stored =>
              html`<li class="small">
                <span title=${stored.model}>${stored.label}</span>
                <span class="muted number"
                  >${stored.complete ? bytes(stored.bytes) : `${bytes(stored.present)} of ${bytes(stored.bytes)}`}</span
                >
                <button class="plain small" ?disabled=${!idle} @click=${() => this.#delete(stored)}>
                  Delete
                </button>
              </li>`,
          )}
        </ul>
      </details>
    `;
  }

  async #lookUp(event: Event): Promise<void> {
    event.preventDefault();
    const { session } = this.#session;
    const input = (event.target as HTMLFormElement).elements.namedItem('model') as HTMLInputElement;
    if (!input.value.trim()) return;
    this.looking = true;
    await act(session, async () => {
      const model = await session.models.named(input.value);
      session.configure({ ...session.state.config, model });
      input.value = '';
    });
    this.looking = false;
  }

  async #delete(stored: StoredModel): Promise<void> {
    const { session } = this.#session;
    await act(session, async () => {
      await session.models.delete(stored);
      if (session.state.config.model === stored.model)
        session.configure({ ...session.state.config, model: 'nano' });
    });
  }

  static override styles = [
    shared,
    css`
      :host,
      details,
      .download {
        display: grid;
        gap: var(--space-2);
      }
      form {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: var(--space-2);
      }
      progress {
        width: 100%;
        accent-color: var(--accent);
      }
      button {
        justify-self: start;
        min-height: 28px;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        align-items: center;
        gap: var(--space-2);
      }
      li span {
        overflow-wrap: anywhere;
      }
    `,
  ];
}
