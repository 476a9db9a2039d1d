/** RMSNorm in WGSL. */
import {
  elementWgsl,
  GRAD_ROWS,
  read,
  ROW_PARAMS,
  rowMain,
  rowSum,
  uniform,
  write,
  type Lanes,
} from '../rows.wgsl.ts';

const SQUARES = 'inner(x[o + c], x[o + c])';

const SCALE = 'inverseSqrt(squares / f32(p.D * LANES) + p.eps)';

/** y = x · r · w with r = 1/√(mean(x²) + eps). Bindings x, w, y. */
export function forwardWgsl(width: number, lanes: Lanes): string {
  return `${ROW_PARAMS}
${elementWgsl(lanes)}${read(0, 'x', 'E')}${read(1, 'w', 'E')}${write(2, 'y', 'E')}${uniform(3)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', SQUARES)}
  let r = ${SCALE};
  for (var c = t; c < p.D; c += ${width}u) { y[o + c] = x[o + c] * r * w[c]; }
`,
)}`;
}

/** dx = r · w · dy - x · r³ / D · Σ w · dy · x, plus `more` where there is that. Bindings x, w, dy, (more,) dx. */
export function gradXWgsl(width: number, lanes: Lanes, more: boolean): string {
  return `${ROW_PARAMS}
${elementWgsl(lanes)}${['x', 'w', 'dy', ...(more ? ['more'] : [])].map((name, i) => read(i, name, 'E')).join('')}${write(more ? 4 : 3, 'dx', 'E')}${uniform(more ? 5 : 4)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', SQUARES)}
  ${rowSum(width, 'dots', 'inner(w[c] * dy[o + c], x[o + c])')}
  let r = ${SCALE};
  let s = r * r * r / f32(p.D * LANES) * dots;
  for (var c = t; c < p.D; c += ${width}u) { dx[o + c] = ${more ? 'more[o + c] + ' : ''}r * w[c] * dy[o + c] - s * x[o + c]; }
`,
)}`;
}

/** parts[chunk, c] = Σ over the chunk's rows of dy · x · r, one thread a column. Bindings x, r, dy, parts. */
export const GRAD_WEIGHT_WGSL = `${ROW_PARAMS}
${read(0, 'x')}${read(1, 'r')}${read(2, 'dy')}${write(3, 'parts')}${uniform(4)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c >= p.D) { return; }
  var sum = 0.0;
  for (var row = id.y * ${GRAD_ROWS}u; row < min(p.rows, (id.y + 1u) * ${GRAD_ROWS}u); row++) {
    sum += dy[row * p.D + c] * x[row * p.D + c] * r[row];
  }
  parts[id.y * p.D + c] = sum;
}`;

/** r of every row. Bindings x, r. */
export function scaleWgsl(width: number, lanes: Lanes): string {
  return `${ROW_PARAMS}
${elementWgsl(lanes)}${read(0, 'x', 'E')}${write(1, 'r')}${uniform(2)}
${rowMain(
  width,
  `  let o = row * p.D;
  ${rowSum(width, 'squares', SQUARES)}
  if (t == 0u) { r[row] = ${SCALE}; }
`,
)}`;
}
