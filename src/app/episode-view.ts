/** One episode, turn by turn: what it saw, what it said (darker where it was surer), what was done, what came back. */
import { css, html, LitElement, nothing } from 'lit';
import type { EpisodeRecord, TurnRecord } from '../protocol.ts';
import { number, percent } from './format.ts';
import { shared } from './styles.ts';

/** A modal dialog; `open(episode)` shows it, Escape closes it, arrows step through the turns. */
export class EpisodeView extends LitElement {
  static override properties = { episode: { state: true }, turn: { state: true } };
  declare episode: EpisodeRecord | null;
  declare turn: number;

  constructor() {
    super();
    this.episode = null;
    this.turn = 0;
  }

  async open(episode: EpisodeRecord): Promise<void> {
    this.episode = episode;
    this.turn = 0;
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  override render() {
    const { episode } = this;
    if (!episode) return nothing;
    const { task, seed, step, turns, reward, advantage, failure } = episode;
    return html`
      <dialog aria-label="Episode" @close=${() => (this.episode = null)} @keydown=${this.#onKey}>
        <header>
          <div>
            <h2>${task} <span class="muted">seed ${seed}, step ${step}</span></h2>
            <p>${episode.goal}</p>
            <p class="small muted number">
              ${failure ? `void: ${failure}` : `reward ${number(reward)}, advantage ${number(advantage)}`}
            </p>
          </div>
          <button
            class="plain"
            aria-label="Close"
            autofocus
            @click=${() => this.renderRoot.querySelector('dialog')?.close()}
          >
            ✕
          </button>
        </header>
        ${
          turns.length > 1
            ? html`<div class="turns">
                ${turns.map(
                  (_, i) =>
                    html`<button aria-pressed=${i === this.turn} @click=${() => (this.turn = i)}>
                      Turn ${i + 1}
                    </button>`,
                )}
              </div>`
            : nothing
        }
        ${turns[this.turn] ? this.#turn(turns[this.turn]) : html`<p class="muted">No turn was played.</p>`}
      </dialog>
    `;
  }

  #turn({ prompt, screenshot, completion, completionIds, logps, action, error, reward }: TurnRecord) {
    const mean = logps.reduce((sum, logp) => sum + logp, 0) / Math.max(1, logps.length);
    return html`
      <div class="turn">
        <pixel-image .pixels=${screenshot} .label=${'What it saw'}></pixel-image>
        <div class="texts">
          <h3>It said</h3>
          <pre>${completion || '(nothing)'}</pre>
          ${
            logps.length > 0
              ? html`<p class="small muted">
                    ${completionIds.length} tokens, each with a probability of ${percent(Math.exp(mean))} on
                    geometric average
                  </p>
                  <p class="tokens" aria-hidden="true">
                    ${logps.map(
                      (logp, i) =>
                        html`<span
                          style="--p:${Math.exp(logp)}"
                          title="token ${completionIds[i]}: ${percent(Math.exp(logp))}"
                        ></span>`,
                    )}
                  </p>`
              : nothing
          }
          <h3>Was done</h3>
          <pre>${action || '(no action)'}</pre>
          <h3>Came back</h3>
          <pre>${error || `reward ${number(reward)}`}</pre>
          <details>
            <summary>What it read</summary>
            <pre>${prompt}</pre>
          </details>
        </div>
      </div>
    `;
  }

  #onKey(event: KeyboardEvent): void {
    const move = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const last = (this.episode?.turns.length ?? 1) - 1;
    this.turn = Math.max(0, Math.min(last, this.turn + move));
  }

  static override styles = [
    shared,
    css`
      dialog {
        width: min(760px, calc(100vw - 24px));
        max-height: calc(100vh - 48px);
        padding: var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        color: var(--text);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      header {
        display: flex;
        justify-content: space-between;
        gap: var(--space-3);
      }
      .turns {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-1);
        margin-top: var(--space-3);
      }
      .turns button[aria-pressed='true'] {
        border-color: var(--accent);
        color: var(--accent);
      }
      .turn {
        display: flex;
        flex-wrap: wrap;
        align-items: start;
        gap: var(--space-4);
        margin-top: var(--space-3);
      }
      pixel-image {
        flex: none;
        width: 200px;
        border: 1px solid var(--line);
      }
      .texts {
        flex: 1 1 300px;
        display: grid;
        gap: var(--space-1);
        align-content: start;
        min-width: 0;
      }
      pre {
        margin: 0 0 var(--space-2);
        padding: var(--space-2);
        border-radius: var(--radius-small);
        background: var(--sunken);
        font: 12px/1.45 var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .tokens {
        display: flex;
        flex-wrap: wrap;
        gap: 2px;
        margin-bottom: var(--space-2);
      }
      .tokens span {
        width: 14px;
        height: 14px;
        border: 1px solid var(--line);
        border-radius: 3px;
        background: color-mix(in oklab, var(--accent) calc(var(--p) * 100%), transparent);
      }
    `,
  ];
}
