/** One chart: named curves over steps, exact on hover, with a band, a reference line, and a sentence for screen readers. */
import { css, html, LitElement, unsafeCSS } from 'lit';
import uPlot from 'uplot';
import uPlotStyles from 'uplot/dist/uPlot.min.css?inline';
import { number } from './format.ts';
import { shared } from './styles.ts';

/** NaN where a curve has no value at a step. */
export interface Curve {
  label: string;
  values: number[];
  /** A CSS colour, custom properties included. */
  color: string;
  width?: number;
  dash?: number[];
  /** Upper and lower edge of a band around the curve, each as long as `values`. */
  band?: [upper: number[], lower: number[]];
}

export class CurveChart extends LitElement {
  static override properties = {
    label: {},
    steps: {},
    last: {},
    curves: {},
    range: {},
    height: {},
    format: {},
  };
  declare label: string;
  declare steps: number[];
  /** The step at which the axis ends at least, so that it stays while the curve grows. */
  declare last: number;
  declare curves: Curve[];
  /** Fixed ends of the axis; null lets it grow. */
  declare range: [number, number] | null;
  declare height: number;
  declare format: (value: number) => string;

  #plot: uPlot | undefined;
  #shape = '';
  readonly #resize = new ResizeObserver(() => this.#fit());
  readonly #onTheme = () => this.#rebuild();

  constructor() {
    super();
    this.steps = [];
    this.last = 0;
    this.curves = [];
    this.range = null;
    this.height = 110;
    this.format = number;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
    addEventListener('themechange', this.#onTheme);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    removeEventListener('themechange', this.#onTheme);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  override render() {
    const latest = this.curves.map(
      curve => `${curve.label} ${this.format(curve.values[curve.values.length - 1] ?? NaN)}`,
    );
    return html`
      <h3>${this.label}</h3>
      <div class="plot" aria-hidden="true"></div>
      <p class="sr-only">At step ${this.steps[this.steps.length - 1] ?? 0}: ${latest.join(', ')}.</p>
    `;
  }

  override updated(): void {
    // A new set of curves needs a new plot; new values do not.
    const shape = this.curves.map(curve => curve.label).join('|');
    if (!this.#plot || shape !== this.#shape) this.#rebuild();
    else {
      this.#plot.setData(this.#data());
      this.#showLatest();
    }
  }

  /** The legend's values are the last ones while nothing is hovered. */
  #showLatest(): void {
    const plot = this.#plot;
    if (plot && plot.cursor.idx === null) plot.setLegend({ idx: this.steps.length - 1 });
  }

  #rebuild(): void {
    const target = this.renderRoot.querySelector<HTMLElement>('.plot');
    if (!target || this.clientWidth === 0) return;
    this.#plot?.destroy();
    this.#shape = this.curves.map(curve => curve.label).join('|');
    this.#plot = new uPlot(this.#options(), this.#data(), target);
    // uPlot fills in its legend a microtask later, and empties it when the pointer leaves.
    setTimeout(() => this.#showLatest());
    this.#plot.over.addEventListener('mouseleave', () => setTimeout(() => this.#showLatest()));
  }

  #fit(): void {
    if (!this.#plot) this.#rebuild();
    else if (this.clientWidth > 0) this.#plot.setSize({ width: this.clientWidth, height: this.height });
  }

  /** Steps, then for each curve its values and, with a band, the band's two edges. */
  #data(): uPlot.AlignedData {
    const gaps = (values: number[]) => values.map(value => (Number.isFinite(value) ? value : null));
    const rows = this.curves.flatMap(({ values, band = [] }) => [values, ...band].map(gaps));
    return [this.steps, ...rows];
  }

  #options(): uPlot.Options {
    const muted = this.#resolve('var(--muted)');
    const line = this.#resolve('var(--line)');
    const series: uPlot.Series[] = [{ label: 'step' }];
    const bands: uPlot.Band[] = [];
    for (const { label, color, width = 1.75, dash, band } of this.curves) {
      const stroke = this.#resolve(color);
      series.push({
        label,
        stroke,
        width,
        dash,
        spanGaps: true,
        points: { show: this.steps.length < 40 && !dash, size: 5, fill: stroke },
        value: (_, value) => (value === null ? '–' : this.format(value)),
      });
      if (!band) continue;
      const at = series.length;
      series.push({ show: true, stroke: 'transparent', points: { show: false }, class: 'edge' });
      series.push({ show: true, stroke: 'transparent', points: { show: false }, class: 'edge' });
      bands.push({
        series: [at, at + 1],
        fill: stroke.replace(/^rgb\((.*)\)$/, 'rgb($1 / 16%)').replaceAll(',', ''),
      });
    }
    const axis = {
      stroke: muted,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
      gap: 4,
    };
    return {
      width: this.clientWidth,
      height: this.height,
      series,
      bands,
      axes: [
        { ...axis, size: 22, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] },
        { ...axis, size: 54, values: (_, ticks) => ticks.map(this.format), space: 26 },
      ],
      scales: {
        x: { time: false, range: (_, first, last) => [first, Math.max(last, this.last)] },
        y: this.range ? { range: this.range } : { range: widened },
      },
      cursor: { points: { size: 6 }, y: false, drag: { x: false, y: false } },
      legend: { live: true },
      padding: [6, 8, 0, 0],
    };
  }

  /** What a canvas can take: custom properties and light-dark() mean nothing to it. */
  #resolve(color: string): string {
    this.style.setProperty('outline-color', color);
    const resolved = getComputedStyle(this).outlineColor;
    this.style.removeProperty('outline-color');
    return resolved;
  }

  static override styles = [
    shared,
    unsafeCSS(uPlotStyles),
    css`
      :host {
        display: block;
        min-width: 0;
      }
      .plot {
        min-height: 90px;
      }
      .u-legend {
        margin: 0;
        font-size: 11.5px;
        text-align: left;
        line-height: 1.3;
      }
      .u-legend th {
        font-weight: 400;
      }
      .u-legend .u-marker {
        width: 9px;
        height: 9px;
        border-radius: 3px;
      }
      .u-legend .u-series > * {
        padding: 1px 3px;
      }
      .u-legend .edge {
        display: none;
      }
      .u-legend .u-value {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];
}

/** A little air above and below, and never a flat axis. */
function widened(_: uPlot, least: number, most: number): [number, number] {
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [0, 1];
  const air = most > least ? (most - least) * 0.08 : Math.abs(most) * 0.1 || 1;
  return [least - air, most + air];
}
