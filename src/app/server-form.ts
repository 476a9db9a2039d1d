/** Where OpenEnv servers are entered, what they answered, and what to expect of them. */
import { css, html, LitElement, nothing } from 'lit';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class ServerForm extends LitElement {
  static override properties = { asking: { state: true } };
  declare asking: boolean;

  readonly #session = new SessionController(this, ['servers', 'status', 'config']);

  constructor() {
    super();
    this.asking = false;
  }

  override render() {
    const { servers, status, config } = this.#session.state;
    const idle = !isActive(status) && !this.asking;
    const chosen = servers.filter(({ address }) => config.environment.includes(address));
    return html`
      <details>
        <summary class="small">An OpenEnv server…</summary>
        <form @submit=${(event: Event) => void this.#connect(event)}>
          <input
            name="server"
            aria-label="Address of an OpenEnv server"
            placeholder="http://localhost:8000"
            ?disabled=${!idle}
          />
          <button ?disabled=${!idle}>Connect</button>
        </form>
        ${this.asking ? html`<p class="small" role="status">Asking the server…</p>` : nothing}
        ${chosen.map(
          ({ address, task, benchmark }) =>
            html`<p class="small" data-testid="server">${address} serves ${task} (${benchmark}).</p>`,
        )}
        <p class="small muted">
          BrowserGym elsewhere, by OpenEnv’s WebSocket: a server you run, or a public Space. What to expect:
        </p>
        <ul class="small muted">
          <li>
            A step takes the server half a second or more, and its sessions take turns; a frame here takes
            milliseconds. Set <code>frames</code> to the sessions that it allows (MAX_CONCURRENT_ENVS).
          </li>
          <li>Each server has one task. Several addresses, with commas, are several tasks.</li>
          <li>
            Every observation carries a screenshot as text: 2 MB with its viewport at 332 × 214, 29 MB at 1280
            × 720. It cannot be turned off.
          </li>
          <li>
            A page that came by https reaches https servers only, or this machine’s localhost. A private Space
            cannot be reached.
          </li>
          <li>
            It gets this run’s seeds. Page structure comes with the server’s options, and of an action that
            failed it is told only that it did.
          </li>
          <li>An episode whose connection breaks is dropped and counted, never scored.</li>
        </ul>
      </details>
    `;
  }

  async #connect(event: Event): Promise<void> {
    event.preventDefault();
    const { session } = this.#session;
    const input = (event.target as HTMLFormElement).elements.namedItem('server') as HTMLInputElement;
    if (!input.value.trim()) return;
    this.asking = true;
    await act(session, () => session.servers.choose(input.value));
    this.asking = false;
  }

  static override styles = [
    shared,
    css`
      details > :not(summary) {
        margin-top: var(--space-2);
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-2);
      }
      p {
        overflow-wrap: anywhere;
      }
      ul {
        margin-bottom: 0;
        padding-left: 18px;
      }
      li {
        margin-bottom: var(--space-1);
      }
    `,
  ];
}
