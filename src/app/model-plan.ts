/** What the chosen model would need here, shown before it is downloaded. */
import { css, html, LitElement, nothing } from 'lit';
import type { ModelPlan as Plan } from '../protocol.ts';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { bytes, roughDuration } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class ModelPlan extends LitElement {
  static override properties = { plan: { state: true }, checking: { state: true } };
  declare plan: { model: string; plan: Plan } | null;
  declare checking: boolean;

  readonly #session = new SessionController(this, ['config', 'status']);

  constructor() {
    super();
    this.plan = null;
    this.checking = false;
  }

  override render() {
    const { config, status } = this.#session.state;
    const plan = this.plan?.model === config.model ? this.plan.plan : null;
    return html`
      <button class="small" ?disabled=${isActive(status) || this.checking} @click=${() => this.#check()}>
        ${this.checking ? 'Checking…' : plan ? 'Check again with the present settings' : 'Will it fit here?'}
      </button>
      ${plan ? this.#shown(plan) : nothing}
    `;
  }

  #shown({ family, parameters, download, room, needs, problem, advice }: Plan) {
    const total = needs.reduce((sum, need) => sum + need.bytes, 0);
    return html`
      <div data-testid="model-plan">
        <p class="small">
          ${family}, ${bytes(parameters).replace(/B$/, '')} parameters.
          ${download === null ? '' : `Download and disk ${bytes(download)}${downloadTime(download)}.`}
          ${download !== null && room !== null && room < download ? `The browser lets this site store ${bytes(room)} more, so it would not be kept.` : ''}
        </p>
        <table class="small number">
          <tbody>
            ${needs.map(
              need =>
                html`<tr>
                  <td>${need.what}</td>
                  <td>${bytes(need.bytes)}</td>
                </tr>`,
            )}
            <tr class="total">
              <td>memory in all</td>
              <td>${bytes(total)}</td>
            </tr>
          </tbody>
        </table>
        <p class="small ${problem ? 'bad' : ''}">
          ${problem ? `${problem} ${advice}` : 'It fits, as far as the device tells.'}
        </p>
      </div>
    `;
  }

  async #check(): Promise<void> {
    const { session, state } = this.#session;
    this.checking = true;
    const plan = await act(session, () => session.models.plan(state.config));
    if (plan) this.plan = { model: state.config.model, plan };
    this.checking = false;
  }

  static override styles = [
    shared,
    css`
      :host,
      div {
        display: grid;
        gap: var(--space-2);
      }
      button {
        justify-self: start;
        min-height: 28px;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      td:last-child {
        text-align: right;
        white-space: nowrap;
      }
      .total td {
        border-top: 1px solid var(--line);
        font-weight: 600;
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];
}

/** From the browser's own estimate of the connection (Chromium; it never says more than 10 Mbit/s). */
function downloadTime(size: number): string {
  const { connection } = navigator as Navigator & { connection?: { downlink?: number } };
  const megabits = connection?.downlink ?? 0;
  return megabits > 0 ? `, at most ${roughDuration((size * 8) / (megabits * 1e6))}` : '';
}
