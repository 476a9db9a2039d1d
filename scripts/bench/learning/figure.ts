/** An experiment's curves as an SVG: for each variant the mean over its seeds, and a band from the worst to the best. */
import type { CurvePoint, LearningRecord } from './record.ts';

const SIZE = { width: 720, height: 380 };
const PLOT = { left: 56, right: 16, top: 40, bottom: 46 };
/** Okabe and Ito's, told apart by the colour-blind. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const TICKS = 5;

interface Curve {
  label: string;
  seeds: number;
  /** Of one place in the run: where on the axis (mean), and the worst, mean and best success there. */
  points: { x: number; low: number; mean: number; high: number }[];
}

export function figure(record: LearningRecord): string {
  const curves = curvesOf(record);
  const end = Math.max(1e-9, ...curves.flatMap(({ points }) => points.map(({ x }) => x)));
  const px = (x: number) => round(PLOT.left + (x / end) * (SIZE.width - PLOT.left - PLOT.right));
  const py = (y: number) => round(SIZE.height - PLOT.bottom - y * (SIZE.height - PLOT.top - PLOT.bottom));
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    y =>
      `<path d="M${px(0)} ${py(y)}H${px(end)}" stroke="#ddd"/>${text(px(0) - 8, py(y) + 4, `${100 * y} %`, 'end')}`,
  );
  const columns = Array.from({ length: TICKS + 1 }, (_, i) => (end * i) / TICKS).map(x =>
    text(px(x), py(0) + 18, String(record.over === 'steps' ? Math.round(x) : round(x)), 'middle'),
  );
  const legends = curves.map(({ label, seeds }) => `${label}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`);
  const lines = curves.map(({ points }, i) => {
    const color = COLORS[i % COLORS.length];
    const path = (of: (point: Curve['points'][number]) => number) =>
      points.map(point => `${px(point.x)} ${py(of(point))}`).join('L');
    const back = points.toReversed().map(({ x, low }) => `${px(x)} ${py(low)}`);
    const legendX = px(0) + 12 + legends.slice(0, i).reduce((sum, before) => sum + legendWidth(before), 0);
    return [
      `<path d="M${path(({ high }) => high)}L${back.join('L')}Z" fill="${color}" fill-opacity="0.15"/>`,
      `<path d="M${path(({ mean }) => mean)}" fill="none" stroke="${color}" stroke-width="2"/>`,
      `<path d="M${legendX} ${PLOT.top - 8}h18" stroke="${color}" stroke-width="3"/>`,
      text(legendX + 24, PLOT.top - 4, legends[i], 'start'),
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(px(0), 18, record.question, 'start', ' font-weight="600" font-size="14"'),
    ...rows,
    ...columns,
    ...lines,
    text(px(end), SIZE.height - 8, record.over === 'steps' ? 'steps' : 'seconds of training', 'end'),
    text(px(0), SIZE.height - 8, `held-out success, greedy; ${record.device}, ${record.date}`, 'start'),
    '</svg>\n',
  ].join('\n');
}

/** The runs of a variant, place by place: a run that ended early counts as far as it came. */
export function curvesOf({ runs, over }: LearningRecord): Curve[] {
  const variants = [...new Set(runs.map(({ variant }) => variant))];
  return variants.map(label => {
    const own = runs.filter(({ variant }) => variant === label).map(({ points }) => points);
    const length = Math.max(...own.map(points => points.length));
    const places = Array.from({ length }, (_, i) => own.flatMap(points => points[i] ?? []));
    return { label, seeds: own.length, points: places.map(place => summary(place, over)) };
  });
}

function summary(place: readonly CurvePoint[], over: LearningRecord['over']): Curve['points'][number] {
  const mean = (of: (point: CurvePoint) => number) =>
    place.reduce((sum, point) => sum + of(point), 0) / place.length;
  const rates = place.map(({ success }) => success);
  return {
    x: mean(point => (over === 'steps' ? point.step : point.seconds)),
    low: Math.min(...rates),
    mean: mean(({ success }) => success),
    high: Math.max(...rates),
  };
}

/** With its stroke and a gap, at 12 pixels a letter's height. */
function legendWidth(legend: string): number {
  return 40 + 6.5 * legend.length;
}

function text(x: number, y: number, content: string, anchor: string, style = ''): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333"${style}>${safe}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
