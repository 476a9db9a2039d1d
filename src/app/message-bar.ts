/** What needs telling: an interrupted run, an error with its likeliest cure, notices. */
import { css, html, LitElement, nothing } from 'lit';
import { BUILT_IN } from '../config/environment-name.ts';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import { cureOf, type Cure } from './wording.ts';

export class MessageBar extends LitElement {
  readonly #session = new SessionController(this, [
    'interrupted',
    'error',
    'notices',
    'status',
    'device',
    'run',
  ]);

  override render() {
    const { notices, device } = this.#session.state;
    return html`
      ${this.#error()} ${this.#interrupted()}
      ${device?.notice ? html`<div class="message warn" role="status"><p>${device.notice}</p></div>` : nothing}
      ${notices.map(
        ({ id, text }) => html`
          <div class="message" role="status">
            <p>${text}</p>
            <button class="plain" aria-label="Dismiss" @click=${() => this.#dismiss(id)}>✕</button>
          </div>
        `,
      )}
    `;
  }

  #error() {
    const { session, state } = this.#session;
    const { error, run, status } = state;
    if (!error) return nothing;
    const resumable = !!run && run.checkpointStep >= 0 && !isActive(status);
    const cure = cureOf(error, resumable);
    return html`
      <div class="message bad" role="alert" data-code=${error.code}>
        <p>${error.message.split('\n').map(line => html`<span class="line">${line}</span>`)}</p>
        ${cure ? html`<button @click=${() => this.#cure(cure)}>${cure.label}</button>` : nothing}
        <button class="plain" aria-label="Dismiss" @click=${() => session.store.update({ error: null })}>
          ✕
        </button>
      </div>
    `;
  }

  #interrupted() {
    const { session, state } = this.#session;
    const { interrupted, status } = state;
    if (!interrupted || isActive(status)) return nothing;
    const at = interrupted.checkpointStep;
    return html`
      <div class="message accent" role="status">
        <p>
          Run “${interrupted.name}” stopped at step ${interrupted.step} when its tab closed.
          ${at >= 0 ? `It can go on from its checkpoint at step ${at}.` : 'It had no checkpoint yet and would start again.'}
        </p>
        <button
          class="primary"
          ?disabled=${status === 'cold' || status === 'cannot'}
          @click=${() => act(session, () => session.continue(interrupted.id))}
        >
          Resume
        </button>
        <button
          class="plain"
          aria-label="Dismiss"
          @click=${() => session.store.update({ interrupted: null })}
        >
          ✕
        </button>
      </div>
    `;
  }

  #cure({ action }: Cure): void {
    const { session, state } = this.#session;
    const { config, run } = state;
    session.store.update({ error: null });
    switch (action) {
      case 'wasm':
        session.configure({ ...config, backend: 'wasm' });
        break;
      case 'nano':
        session.configure({ ...config, model: 'nano' });
        break;
      case 'built-in':
        session.pages.choose(BUILT_IN);
        break;
      case 'smaller-group':
        session.configure({
          ...config,
          num_generations: Math.max(2, config.num_generations >> 1),
          per_device_train_batch_size: Math.max(2, config.per_device_train_batch_size >> 1),
          // What an update takes depends on this alone; it runs out on WebGPU.
          activation_memory_mb: Math.max(1, (config.activation_memory_mb ?? 2500) >> 1),
        });
        break;
      case 'device':
        void session.checkDevice();
        break;
      case 'resume':
        if (run) void act(session, () => session.continue(run.id));
        break;
      case 'runs':
        dispatchEvent(new CustomEvent('show-tab', { detail: 'history' }));
        document.querySelector('grpo-app')?.shadowRoot?.querySelector('runs-panel')?.scrollIntoView();
        break;
    }
  }

  #dismiss(id: number): void {
    const { session, state } = this.#session;
    session.store.update({ notices: state.notices.filter(notice => notice.id !== id) });
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
      }
      .message {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      p {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .line {
        display: block;
      }
      .bad {
        background: var(--bad-ground);
        border-color: color-mix(in oklab, var(--bad) 40%, transparent);
      }
      .warn {
        background: var(--warn-ground);
        border-color: color-mix(in oklab, var(--warn) 35%, transparent);
      }
      .accent {
        border-color: var(--accent);
      }
      @media (max-width: 600px) {
        .message {
          flex-wrap: wrap;
        }
        p {
          flex-basis: 80%;
        }
      }
    `,
  ];
}
