/** One group side by side: the same start, each try, its reward, and how much better than the group it was. */
import { css, html, LitElement } from 'lit';
import type { EpisodeRecord } from '../protocol.ts';
import { number } from './format.ts';
import { shared } from './styles.ts';

/** Fires `open-episode` with the episode that was clicked. */
export class FilmStrip extends LitElement {
  static override properties = { episodes: {} };
  declare episodes: EpisodeRecord[];

  constructor() {
    super();
    this.episodes = [];
  }

  override render() {
    const [first] = this.episodes;
    if (!first) return '';
    return html`
      <p class="goal"><span class="muted">${first.task}, seed ${first.seed}:</span> ${first.goal}</p>
      <ol>
        ${this.episodes.map(episode => this.#try(episode))}
      </ol>
    `;
  }

  #try(episode: EpisodeRecord) {
    const { turns, reward, advantage, success, failure, generation } = episode;
    const last = turns[turns.length - 1];
    const result = failure ? 'void' : success ? 'good' : 'bad';
    const open = () =>
      this.dispatchEvent(new CustomEvent('open-episode', { detail: episode, bubbles: true, composed: true }));
    return html`
      <li>
        <button
          class=${result}
          @click=${open}
          aria-label="Try ${generation + 1}: ${success ? 'solved' : 'not solved'}, open"
        >
          <span class="shots">
            ${turns.slice(0, 4).map(turn => html`<pixel-image .pixels=${turn.screenshot}></pixel-image>`)}
          </span>
          <code>${last?.action || last?.completion || '(nothing)'}</code>
          <span class="numbers number">
            <span>${failure ? 'void' : success ? '✓' : '✗'} reward ${number(reward)}</span>
            <span class="advantage ${advantage > 0 ? 'up' : advantage < 0 ? 'down' : ''}" title="advantage">
              ${advantage > 0 ? '+' : ''}${number(Math.round(advantage * 100) / 100)}
            </span>
          </span>
        </button>
      </li>
    `;
  }

  static override styles = [
    shared,
    css`
      .goal {
        margin-bottom: var(--space-2);
      }
      ol {
        display: flex;
        gap: var(--space-3);
        margin: 0;
        padding: 2px 2px var(--space-2);
        overflow-x: auto;
        list-style: none;
      }
      button {
        display: grid;
        gap: var(--space-1);
        justify-items: stretch;
        align-content: start;
        height: 100%;
        padding: var(--space-2);
        text-align: left;
        white-space: normal;
      }
      button.good {
        border-color: var(--good);
        background: var(--good-ground);
      }
      button.void {
        border-style: dashed;
      }
      .shots {
        display: flex;
        gap: var(--space-1);
      }
      pixel-image {
        width: 96px;
        border: 1px solid var(--line);
      }
      code {
        max-width: 196px;
        overflow: hidden;
        font: 11px/1.4 var(--mono);
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .numbers {
        display: flex;
        justify-content: space-between;
        gap: var(--space-2);
        font-size: 12px;
      }
      .advantage {
        font-weight: 600;
      }
      .up {
        color: var(--good);
      }
      .down {
        color: var(--bad);
      }
    `,
  ];
}
