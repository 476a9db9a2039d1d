/** A row's heads normalised and rotated in WGSL: a head of a row a thread, read as vectors of four where they fit. */
import { flatIndex } from '../../fused.ts';
import { GRAD_ROWS } from '../rows.wgsl.ts';
import { sequencesWgsl } from '../token-sequences.ts';

export interface HeadRotaryForm {
  headSize: number;
  /** Without the normalisation, and its gain among the bindings, it only rotates. */
  norm: boolean;
}

const PARAMS = 'struct Params { rows: u32, heads: u32, count: u32, eps: f32 }';

/** Bindings `names`, the sequences, the uniform. */
function bindings(names: string[], element: string): string {
  const tensors = names.map(
    (name, i) =>
      `@group(0) @binding(${i}) var<storage, ${name.startsWith('out') ? 'read_write' : 'read'}> ${name}: array<${element}>;`,
  );
  return `${PARAMS}
${tensors.join('\n')}
${sequencesWgsl(names.length)}
@group(0) @binding(${names.length + 1}) var<uniform> p: Params;
fn anglesOf(row: u32) -> u32 {
  let s = sequence(sequenceOf(row, p.count));
  return (s.pastLength + row - s.first) * ${element === 'f32' ? 'D' : '2u * H'};
}`;
}

/** Half a head is H elements; names where this thread's head and its angles lie. */
function begin({ headSize }: HeadRotaryForm, names: string[]): string {
  const vec4 = headSize % 8 === 0;
  const element = vec4 ? 'vec4<f32>' : 'f32';
  return `alias E = ${element};
const D = ${headSize}u;
const H = ${headSize / (vec4 ? 8 : 2)}u;
fn inner(a: E, b: E) -> f32 { return ${vec4 ? 'dot(a, b)' : 'a * b'}; }
${bindings(names, element)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let thread = ${flatIndex()};
  if (thread >= p.rows * p.heads) { return; }
  let at = thread * 2u * H;
  let angle = anglesOf(thread / p.heads);
`;
}

/** r = 1/√(mean(x²) + eps) of the thread's head. */
const SCALE = `var squares = 0.0;
  for (var c = 0u; c < 2u * H; c++) { squares += inner(x[at + c], x[at + c]); }
  let r = inverseSqrt(squares / f32(D) + p.eps);`;

/** The rotation's transpose of dy's elements c and H + c, in a and b. */
const TURN_BACK = `let high = H + c;
    let a = dy[at + c] * cosines[angle + c] + dy[at + high] * sines[angle + high];
    let b = dy[at + high] * cosines[angle + high] - dy[at + c] * sines[angle + c];`;

/** y = rotated(x · r · gain). Bindings x, gain (with norm), cos, sin, out, sequences. */
export function forwardWgsl(form: HeadRotaryForm): string {
  const { norm } = form;
  const value = (c: string): string => (norm ? `x[at + ${c}] * r * gain[${c}]` : `x[at + ${c}]`);
  return `${begin(form, ['x', ...(norm ? ['gain'] : []), 'cosines', 'sines', 'out'])}
  ${norm ? SCALE : ''}
  for (var c = 0u; c < H; c++) {
    let high = H + c;
    let a = ${value('c')};
    let b = ${value('high')};
    out[at + c] = a * cosines[angle + c] - b * sines[angle + c];
    out[at + high] = b * cosines[angle + high] + a * sines[angle + high];
  }
}`;
}

/** With g the gradient turned back: dx = r · gain · g - x · r³ / D · Σ gain · g · x. Bindings as forward's, dy before out. */
export function gradXWgsl(form: HeadRotaryForm): string {
  if (!form.norm)
    return `${begin(form, ['dy', 'cosines', 'sines', 'out'])}
  for (var c = 0u; c < H; c++) {
    ${TURN_BACK}
    out[at + c] = a;
    out[at + high] = b;
  }
}`;
  return `${begin(form, ['x', 'gain', 'cosines', 'sines', 'dy', 'out'])}
  ${SCALE}
  var dots = 0.0;
  for (var c = 0u; c < H; c++) {
    ${TURN_BACK}
    dots += inner(gain[c] * a, x[at + c]) + inner(gain[high] * b, x[at + high]);
  }
  let s = r * r * r / f32(D) * dots;
  for (var c = 0u; c < H; c++) {
    ${TURN_BACK}
    out[at + c] = r * gain[c] * a - s * x[at + c];
    out[at + high] = r * gain[high] * b - s * x[at + high];
  }
}`;
}

/**
 * parts[chunk, c] = Σ over the chunk's heads of g · x · r, one thread a column. Bindings x, r (of every head), cos, sin, dy, out,
 * sequences.
 */
export function gradGainWgsl(headSize: number): string {
  return `const D = ${headSize}u;
${bindings(['x', 'r', 'cosines', 'sines', 'dy', 'out'], 'f32')}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c >= D) { return; }
  let low = c < D / 2u;
  let partner = select(c - D / 2u, c + D / 2u, low);
  let sign = select(-1.0, 1.0, low);
  var sum = 0.0;
  for (var head = id.y * ${GRAD_ROWS}u; head < min(p.rows * p.heads, (id.y + 1u) * ${GRAD_ROWS}u); head++) {
    let angle = anglesOf(head / p.heads);
    let turned = dy[head * D + c] * cosines[angle + c] + sign * dy[head * D + partner] * sines[angle + partner];
    sum += turned * x[head * D + c] * r[head];
  }
  out[id.y * D + c] = sum;
}`;
}
