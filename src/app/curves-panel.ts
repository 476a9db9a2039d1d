/** How well it does: held-out success, large; what training measures, small. */
import { css, html, LitElement, nothing } from 'lit';
import type { EvaluationResult } from '../protocol.ts';
import type { MetricRow } from '../storage/schema.ts';
import { toCsv } from '../storage/export/tracking/csv.ts';
import { pointsOf } from '../storage/export/tracking/points.ts';
import { CHARTS, SERIES_COLORS } from './charts.ts';
import type { Curve } from './curve-chart.ts';
import { count, percent } from './format.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

const COLORS = ['var(--accent)', 'var(--muted)'];

export class CurvesPanel extends LitElement {
  readonly #session = new SessionController(this, ['metrics', 'evaluations', 'run']);

  override render() {
    const { metrics, evaluations, run } = this.#session.state;
    const charts = CHARTS.filter(({ metrics: names }) => names.some(([name]) => has(metrics, name)));
    return html`
      <div class="card success">
        <header>
          <h2>Held-out success</h2>
          ${run ? html`<span class="small muted">${run.name}</span>` : nothing}
        </header>
        ${evaluations.length > 0 ? this.#success(evaluations) : this.#empty('Success on pages it never trained on.')}
      </div>
      <div class="card">
        <header>
          <h2>Training</h2>
          ${
            metrics.length + evaluations.length > 0
              ? html`<button
                  class="plain small"
                  title="All curves of this run, a row a step"
                  @click=${() => this.#save()}
                >
                  Save as CSV
                </button>`
              : nothing
          }
        </header>
        ${
          charts.length > 0
            ? html`<div class="grid">${charts.map(chart => this.#small(chart, metrics))}</div>`
            : this.#empty('Reward, loss, entropy and gradient norm, a point a step.')
        }
        <p class="sr-only" data-testid="metric-count">${metrics.length} steps measured</p>
      </div>
    `;
  }

  #success(evaluations: EvaluationResult[]) {
    const first = evaluations[0];
    const last = evaluations[evaluations.length - 1];
    const tasks = last.tasks.map(({ task }) => task);
    const curves: Curve[] = [
      {
        label: 'mean',
        color: 'var(--accent)',
        width: 2.5,
        values: evaluations.map(result => result.success),
        band: [
          evaluations.map(({ interval }) => interval[1]),
          evaluations.map(({ interval }) => interval[0]),
        ],
      },
      {
        label: 'at step 0',
        color: 'var(--muted)',
        dash: [5, 5],
        values: evaluations.map(() => first.success),
      },
      ...(tasks.length > 1 ? tasks : []).map((task, i) => ({
        label: task,
        color: SERIES_COLORS[i % SERIES_COLORS.length],
        width: 1,
        values: evaluations.map(result => rateOf(result, task)),
      })),
    ];
    const points = Math.round(100 * (last.success - first.success));
    return html`
      <p class="headline number">
        <strong data-testid="success">${percent(last.success)}</strong>
        <span class="muted" title="95% interval (Wilson) over all its episodes"
          >${percent(last.interval[0])} to ${percent(last.interval[1])}, step ${last.step}</span
        >
        ${
          evaluations.length > 1
            ? html`<span class=${points > 0 ? 'up' : points < 0 ? 'down' : 'muted'}>
                ${points >= 0 ? '+' : '−'}${count(Math.abs(points), 'point')}
              </span>`
            : nothing
        }
      </p>
      <curve-chart
        .label=${''}
        .steps=${evaluations.map(result => result.step)}
        .last=${this.#last}
        .curves=${curves}
        .range=${[0, 1] as [number, number]}
        .height=${210}
        .format=${percent}
      ></curve-chart>
    `;
  }

  #small({ title, metrics: names }: (typeof CHARTS)[number], rows: MetricRow[]) {
    const curves = names
      .filter(([name]) => has(rows, name))
      .map(([name, label], i) => ({
        label,
        color: COLORS[i],
        values: rows.map(row => row.metrics[name] ?? NaN),
      }));
    return html`<curve-chart
      .label=${title}
      .steps=${rows.map(row => row.step)}
      .last=${this.#last}
      .curves=${curves}
    ></curve-chart>`;
  }

  /** The run's last step, as its settings have it. */
  get #last(): number {
    return this.#session.state.run?.config.max_steps ?? 0;
  }

  #save(): void {
    const { metrics, evaluations, run } = this.#session.state;
    if (!run) return;
    const rows = evaluations.map(result => ({ runId: run.id, step: result.step, result }));
    const { id, name, config, createdAt } = run;
    const text = toCsv({ id, name, config, points: pointsOf(metrics, rows, createdAt) });
    saveFile(`${name.replaceAll(' ', '-')}.csv`, new Blob([text], { type: 'text/csv' }));
  }

  #empty(text: string) {
    return html`<p class="empty muted">${text}</p>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      header {
        display: flex;
        justify-content: space-between;
        gap: var(--space-3);
        align-items: baseline;
      }
      .headline {
        display: flex;
        align-items: baseline;
        gap: var(--space-2);
        margin: var(--space-1) 0;
      }
      .headline strong {
        font-size: 26px;
        letter-spacing: -0.02em;
      }
      .up {
        color: var(--good);
      }
      .down {
        color: var(--bad);
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: var(--space-4) var(--space-3);
        margin-top: var(--space-3);
      }
      .empty {
        display: grid;
        place-content: center;
        min-height: 110px;
        margin-top: var(--space-3);
        border-radius: var(--radius-small);
        background: var(--sunken);
        padding: var(--space-4);
        text-align: center;
      }
    `,
  ];
}

function has(rows: MetricRow[], name: string): boolean {
  return rows.some(row => name in row.metrics);
}

function rateOf(result: EvaluationResult, task: string): number {
  const score = result.tasks.find(row => row.task === task);
  return score && score.episodes > 0 ? score.successes / score.episodes : NaN;
}
