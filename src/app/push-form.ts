/** Sends the shown run to the Hugging Face Hub: to which repository, with whose token, seen by whom. */
import { css, html, LitElement, nothing } from 'lit';
import { hubToken, setHubToken } from '../session/hub-account.ts';
import { proposedName, pushToHub } from '../session/hub-push.ts';
import { act } from './act.ts';
import { bytes } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class PushForm extends LitElement {
  static override properties = { disabled: { type: Boolean }, progress: { state: true } };
  /** Nothing can be sent now. */
  declare disabled: boolean;
  /** What to say while it is being sent, '' before and after. */
  declare progress: string;

  readonly #session = new SessionController(this, ['run']);

  constructor() {
    super();
    this.disabled = false;
    this.progress = '';
  }

  override render() {
    const { run } = this.#session.state;
    return html`
      <details>
        <summary class="small">Push to the Hugging Face Hub</summary>
        <form @submit=${(event: Event) => this.#push(event)}>
          <label class="small">
            Repository
            <input
              name="repo"
              required
              placeholder="you/${run ? proposedName(run) : 'name'}"
              autocomplete="off"
              spellcheck="false"
            />
          </label>
          <label class="small">
            Access token that may write
            <input
              name="token"
              type="password"
              required
              autocomplete="off"
              .value=${hubToken() ?? ''}
              placeholder="hf_…"
            />
          </label>
          <label class="small">
            What
            <select name="kind">
              ${run?.config.use_peft ? html`<option value="adapter" selected>the adapter (PEFT)</option>` : nothing}
              <option value="model">the whole model</option>
            </select>
          </label>
          <label class="small check"><input name="private" type="checkbox" checked /> private</label>
          <button ?disabled=${this.disabled || this.progress !== ''}>Push, with a model card</button>
          ${this.progress ? html`<p class="small number" role="status">${this.progress}</p>` : nothing}
        </form>
      </details>
    `;
  }

  async #push(event: Event): Promise<void> {
    event.preventDefault();
    const { session, state } = this.#session;
    const fields = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    const kind = text('kind') === 'adapter' ? 'adapter' : 'model';
    setHubToken(text('token'));
    this.progress = 'Reading the weights…';
    await act(session, async () => {
      const run = state.run!;
      const address = await pushToHub(run, await session.exports.files(run, kind), {
        repo: text('repo'),
        kind,
        token: text('token'),
        private: fields.has('private'),
        onProgress: (sent, total) => (this.progress = `${bytes(sent)} of ${bytes(total)} sent`),
      });
      session.notify('pushed', `“${run.name}” is on the Hub: ${address}`);
    });
    this.progress = '';
  }

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: var(--space-2);
        margin-top: var(--space-2);
      }
      label {
        display: grid;
        gap: 2px;
      }
      .check {
        display: flex;
        align-items: center;
        gap: var(--space-2);
      }
    `,
  ];
}
