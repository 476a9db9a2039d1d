/** Chosen runs side by side: what differs, where each ended, their curves in one chart, and all of it as CSV. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import {
  curves,
  differences,
  loadCompared,
  outcomes,
  toComparisonCsv,
  type ComparedRun,
  type ComparedValue,
} from '../storage/comparison.ts';
import type { RunRow } from '../storage/schema.ts';
import { act } from './act.ts';
import { CHARTS, SERIES_COLORS } from './charts.ts';
import { number, percent } from './format.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

/** Metrics in the table; the CSV has them all. */
const SHOWN = new Set(['reward', 'loss', 'entropy', 'kl', 'grad_norm', 'num_tokens']);

export class RunComparison extends LitElement {
  static override properties = { runs: {}, loaded: { state: true } };
  /** At least two, in the order of their colours. */
  declare runs: RunRow[];
  declare loaded: ComparedRun[];

  readonly #session = new SessionController(this, ['metrics', 'evaluations']);

  constructor() {
    super();
    this.runs = [];
    this.loaded = [];
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('runs')) return;
    const { session } = this.#session;
    void act(session, async () => {
      this.loaded = await Promise.all(this.runs.map(loadCompared));
    });
  }

  override render() {
    const runs = this.#current();
    if (runs.length < 2) return nothing;
    const differing = differences(runs);
    const success = curves(runs, null);
    return html`
      <div class="card">
        <header>
          <h2>Comparison</h2>
          <button class="small" @click=${() => this.#save(runs)}>Save as CSV</button>
        </header>
        <div class="scroll">
          <table>
            <caption class="sr-only">
              What differs between the runs, and where each ended
            </caption>
            <thead>
              <tr>
                <td></td>
                ${runs.map(
                  ({ run }, i) =>
                    html`<th scope="col"><span style="background: ${this.#color(i)}"></span>${run.name}</th>`,
                )}
              </tr>
            </thead>
            ${this.#rows('What differs', differing, 'Nothing: the same settings on the same device.')}
            ${this.#rows(
              'Where each ended',
              outcomes(runs).filter(({ name }) => !/^[a-z_]+(\/|$)/.test(name) || SHOWN.has(name)),
            )}
          </table>
        </div>
        ${success.steps.length > 0 ? this.#chart('Held-out success', success, percent, [0, 1]) : nothing}
        <div class="grid">
          ${CHARTS.map(({ title, metrics: [[name]] }) => {
            const own = curves(runs, name);
            return own.steps.length > 0 ? this.#chart(title, own, number, null) : nothing;
          })}
        </div>
      </div>
    `;
  }

  /** The run under way is shown as it is now, the others as they are stored. */
  #current(): ComparedRun[] {
    const { run: live, metrics, evaluations } = this.#session.state;
    return this.loaded.map(one => (one.run.id === live?.id ? { ...one, metrics, evaluations } : one));
  }

  #rows(title: string, rows: ComparedValue[], none = '') {
    return html`
      <tbody>
        <tr>
          <th class="title" scope="rowgroup" colspan=${this.loaded.length + 1}>${title}</th>
        </tr>
        ${
          rows.length === 0
            ? html`<tr>
                <td class="muted" colspan=${this.loaded.length + 1}>${none}</td>
              </tr>`
            : nothing
        }
        ${rows.map(
          ({ name, values }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${values.map(value => html`<td title=${value}>${shortened(value)}</td>`)}
            </tr>`,
        )}
      </tbody>
    `;
  }

  #chart(
    title: string,
    { steps, values }: ReturnType<typeof curves>,
    format: (value: number) => string,
    range: [number, number] | null,
  ) {
    const series = values.map((own, i) => ({
      label: this.loaded[i].run.name,
      color: this.#color(i),
      values: own,
    }));
    return html`<curve-chart
      .label=${title}
      .steps=${steps}
      .curves=${series}
      .format=${format}
      .range=${range}
    ></curve-chart>`;
  }

  #color(i: number): string {
    return SERIES_COLORS[i % SERIES_COLORS.length];
  }

  #save(runs: ComparedRun[]): void {
    const name = runs.map(({ run }) => run.name.replaceAll(' ', '-')).join('-and-');
    saveFile(`${name.slice(0, 80)}.csv`, new Blob([toComparisonCsv(runs)], { type: 'text/csv' }));
  }

  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        font-size: 12.5px;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 3px var(--space-3) 3px 0;
        text-align: left;
        vertical-align: baseline;
        font-weight: 400;
        overflow-wrap: anywhere;
      }
      thead th {
        font-weight: 600;
        white-space: nowrap;
      }
      thead span {
        display: inline-block;
        width: 9px;
        height: 9px;
        margin-right: 5px;
        border-radius: 3px;
      }
      tbody th {
        color: var(--muted);
        white-space: nowrap;
      }
      tbody tr {
        border-top: 1px solid var(--line);
      }
      .title {
        padding-top: var(--space-3);
        color: inherit;
        font-weight: 600;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(230px, 1fr));
        gap: var(--space-4) var(--space-3);
      }
    `,
  ];
}

/** A metric's digits beyond six, and a long list's end, are in the tooltip and the CSV. */
function shortened(value: string): string {
  if (value !== '' && Number.isFinite(Number(value))) return number(Number(value));
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}
