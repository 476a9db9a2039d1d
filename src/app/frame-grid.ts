/** The live frames, each with its task, last action and reward. The frames come in through the slot and are never moved. */
import { css, html, LitElement, nothing } from 'lit';
import { isActive, type SlotState } from '../session/state.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class FrameGrid extends LitElement {
  static override properties = { hiding: { state: true } };
  /** Whether the frames of a run are kept out of sight. */
  declare hiding: boolean;

  readonly #session = new SessionController(this, ['slots', 'status', 'config', 'run']);

  constructor() {
    super();
    this.hiding = false;
  }

  override render() {
    const { status, run, config } = this.#session.state;
    const active = isActive(status);
    const frames = (active && run ? run.config : config).frames;
    const shown = active && !this.hiding;
    return html`
      <div class="card">
        <header>
          <h2>${active ? 'Live frames' : 'How it learns'}</h2>
          ${
            active
              ? html`<span class="small muted"
                  >${frames} side by side
                  <button class="plain small" @click=${() => (this.hiding = !this.hiding)}>
                    ${this.hiding ? 'Show' : 'Hide'}
                  </button></span
                >`
              : nothing
          }
        </header>
        <div class="stage ${shown ? '' : 'idle'}">
          ${shown ? this.#captions(frames) : active ? this.#hidden() : this.#story()}
          <div class="frames ${shown ? '' : 'idle'}"><slot></slot></div>
        </div>
      </div>
    `;
  }

  #captions(frames: number) {
    const { slots } = this.#session.state;
    return html`<ol class="captions">
      ${Array.from({ length: frames }, (_, slot) => this.#caption(slots[slot]))}
    </ol>`;
  }

  #hidden() {
    // Measured on 2026-11-28 without a GPU: ten steps visible, ten hidden, and again: 1.97, 1.95, 1.88, 1.94 s a step.
    return html`<p class="hidden muted">
      The frames go on out of sight. It gains no time: a step took 1.9 s either way where it was measured (2
      cores, no GPU).
    </p>`;
  }

  #story() {
    return html`<ol class="story">
      <li>
        <strong>It tries.</strong> The policy sees a small page and a goal, and acts, several times from the
        same start.
      </li>
      <li><strong>Pages answer.</strong> Each try earns a reward: solved or not.</li>
      <li>
        <strong>It compares.</strong> Tries that did better than their group become likelier, the others less
        likely.
      </li>
      <li>
        <strong>It is tested</strong> now and then on pages it never trained on. That is the curve on the
        right.
      </li>
    </ol>`;
  }

  #caption(slot: SlotState | undefined) {
    const state = !slot ? '' : !slot.done ? 'trying' : slot.reward > 0 ? 'good' : 'bad';
    return html`
      <li class=${state}>
        ${
          slot
            ? html`
                <span class="task" title=${slot.goal}>${slot.task}</span>
                ${slot.done ? html`<span class="verdict">${slot.reward > 0 ? '✓ solved' : '✗ not solved'}</span>` : nothing}
                <span class="goal" title=${slot.goal}>${slot.goal}</span>
                <code title=${slot.action}>${slot.action || '…'}</code>
              `
            : html`<span class="task muted">waiting</span>`
        }
      </li>
    `;
  }

  static override styles = [
    shared,
    css`
      header {
        display: flex;
        justify-content: space-between;
        margin-bottom: var(--space-3);
      }
      .stage {
        position: relative;
        padding-bottom: 58px;
      }
      .stage.idle {
        padding-bottom: 0;
      }
      .frames {
        position: relative;
      }
      /* Out of sight they keep their layout: a task without boxes cannot be clicked. */
      .frames.idle {
        position: absolute;
        left: -10000px;
        width: 360px;
      }
      .hidden {
        margin: 0;
        padding: var(--space-4);
        border-radius: var(--radius-small);
        background: var(--sunken);
      }
      .story {
        display: grid;
        align-content: center;
        gap: var(--space-4);
        min-height: 330px;
        margin: 0;
        padding: var(--space-6) var(--space-6) var(--space-6) 44px;
        border-radius: var(--radius-small);
        background: var(--sunken);
        color: var(--muted);
      }
      .story li {
        display: list-item;
        padding: 0 0 0 var(--space-1);
        font-size: 14px;
        line-height: 1.45;
      }
      .story li::before {
        content: none;
      }
      .story li::marker,
      .story strong {
        color: var(--text);
        font-weight: 600;
      }
      /* The same tracks as the frames: a caption lies under its frame. */
      .captions {
        position: absolute;
        inset: 0;
        display: grid;
        grid-template-columns: repeat(auto-fill, 160px);
        grid-auto-rows: 210px;
        gap: 72px 14px;
        align-items: start;
        justify-content: center;
        margin: 0;
        padding: 0;
        list-style: none;
        pointer-events: none;
      }
      li {
        position: relative;
        display: grid;
        grid-template-columns: 1fr auto;
        align-content: start;
        gap: 1px 6px;
        padding-top: 214px;
        font-size: 12px;
        line-height: 17px;
      }
      li::before {
        content: '';
        position: absolute;
        inset: -3px -3px auto;
        height: 216px;
        border: 2px solid var(--line);
        border-radius: 5px;
        z-index: 1;
      }
      li.good::before {
        border-color: var(--good);
      }
      li.bad::before {
        border-color: var(--bad);
      }
      .task,
      .goal,
      code {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .goal,
      code {
        grid-column: 1 / -1;
      }
      .task {
        font-weight: 600;
      }
      code {
        color: var(--muted);
        font: 11px/16px var(--mono);
      }
      .good .verdict {
        color: var(--good);
      }
      .bad .verdict {
        color: var(--bad);
      }
      @media (max-width: 420px) {
        .card {
          padding: var(--space-3) var(--space-2);
        }
      }
    `,
  ];
}
