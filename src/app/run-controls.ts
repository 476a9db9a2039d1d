/** Train, Pause, Resume, Stop, and one line that says what is going on. */
import { css, html, LitElement, nothing } from 'lit';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import { progress, stateLine } from './wording.ts';

/** ms between announcements to screen readers while numbers change. */
const ANNOUNCE_EVERY = 15_000;

export class RunControls extends LitElement {
  readonly #session = new SessionController(this, [
    'status',
    'phase',
    'run',
    'secondsPerStep',
    'evaluations',
    'config',
    'device',
  ]);
  #announced = '';
  #announcedAt = -Infinity;

  override render() {
    const { session, state } = this.#session;
    const { status } = state;
    const line = stateLine(state);
    const share = progress(state);
    const moving = status === 'running' || status === 'pausing' || status === 'stopping';
    return html`
      <div class="row">
        <div class="buttons">
          ${
            isActive(status)
              ? html`
                  ${
                    status === 'paused'
                      ? html`<button class="primary" @click=${() => act(session, () => session.resume())}>
                          Resume
                        </button>`
                      : html`<button
                          class="primary"
                          ?disabled=${status !== 'running'}
                          aria-keyshortcuts="Space"
                          @click=${() => act(session, () => session.pause())}
                        >
                          Pause
                        </button>`
                  }
                  <button
                    ?disabled=${status === 'stopping'}
                    @click=${() => act(session, () => session.stop())}
                  >
                    Stop
                  </button>
                `
              : html`<button
                  class="primary train"
                  ?disabled=${status === 'cold' || status === 'cannot' || state.config.tasks.length === 0}
                  @click=${() => act(session, () => session.train())}
                >
                  <span aria-hidden="true">▶</span> Train
                </button>`
          }
        </div>
        <p class="line number" data-testid="state-line">${line}</p>
        <p class="sr-only" aria-live="polite">${this.#announcement(line, status)}</p>
      </div>
      <div
        class="track ${moving && share === null ? 'unknown' : ''}"
        role="progressbar"
        aria-label="Progress of the run"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${share === null ? nothing : Math.round(share * 100)}
        ?hidden=${!isActive(status)}
      >
        <div style="width:${(share ?? 0) * 100}%"></div>
      </div>
    `;
  }

  /** The line as screen readers hear it: at every change of state, else now and then. */
  #announcement(line: string, status: string): string {
    const now = performance.now();
    if (!this.#announced.startsWith(`${status} `) || now - this.#announcedAt > ANNOUNCE_EVERY) {
      this.#announced = `${status} ${line}`;
      this.#announcedAt = now;
    }
    return this.#announced.slice(status.length + 1);
  }

  static override styles = [
    shared,
    css`
      .row {
        display: flex;
        align-items: center;
        gap: var(--space-4);
        min-height: 40px;
      }
      .buttons {
        display: flex;
        gap: var(--space-2);
      }
      .primary {
        min-width: 104px;
        min-height: 38px;
      }
      .buttons button {
        min-height: 38px;
      }
      .line {
        flex: 1;
        min-width: 0;
      }
      .track {
        height: 4px;
        margin-top: var(--space-2);
        border-radius: 2px;
        background: var(--sunken);
        overflow: hidden;
      }
      .track div {
        height: 100%;
        border-radius: 2px;
        background: var(--accent);
        transition: width 0.3s;
      }
      .track.unknown div {
        width: 30% !important;
        animation: slide 1.4s ease-in-out infinite alternate;
      }
      @keyframes slide {
        from {
          margin-left: 0;
        }
        to {
          margin-left: 70%;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .track div {
          transition: none;
          animation: none;
        }
      }
      @media (max-width: 1099px) {
        .row {
          flex-direction: row-reverse;
          gap: var(--space-3);
        }
        .line {
          font-size: 12px;
        }
      }
    `,
  ];
}
