/**
 * The gated short convolution in WGSL. A thread has one row of one sequence and one channel, or four where their number allows;
 * a dispatch is [channels, rows of the longest sequence, sequences], so that no thread searches for its sequence. On a software
 * adapter it is [channels, rows]: a thread whose row is not there takes as long as any other, since SwiftShader runs both ways
 * of every branch, and the search is short.
 */
import { sequencesWgsl } from '../token-sequences.ts';

/** Channels of a thread. */
export type Lanes = 1 | 4;

export interface ConvForm {
  lanes: Lanes;
  /** Every row is a thread's, which finds out its sequence. */
  byRow: boolean;
}

/** Threads of a workgroup: channels, rows. */
export const GROUP = [16, 4] as const;

const head = (lanes: Lanes, names: string[]): string => {
  const type = lanes === 4 ? 'vec4<f32>' : 'f32';
  const declare = (name: string, i: number): string => {
    const access = i === names.length - 1 ? 'read_write' : 'read';
    const element = name === 'kernel' || name === 'parts' ? 'f32' : 'Lanes';
    return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${element}>;`;
  };
  return `alias Lanes = ${type};
struct Params { W: u32, L: u32, chunks: u32, rows: u32, count: u32 }
${sequencesWgsl(0)}${names.map(declare).join('\n')}
@group(0) @binding(${names.length + 1}) var<uniform> p: Params;
// What is convolved: the first gate times x.
fn input(row: u32, c: u32) -> Lanes {
  let at = row * 3u * p.W + c;
  return bcx[at] * bcx[at + 2u * p.W];
}`;
};

/** The kernel's tap for the input that lies `back` rows back. */
const tap = (lanes: Lanes): string => `fn tap(c: u32, back: u32) -> Lanes {
  let l = p.L - 1u - back;
  return ${lanes === 4 ? `Lanes(${[0, 1, 2, 3].map(i => `kernel[(4u * c + ${i}u) * p.L + l]`).join(', ')})` : 'kernel[c * p.L + l]'};
}`;

/** The row that lies `back` rows before row t of s, which has that many before it. */
const ROW_BACK = `fn row_back(s: Sequence, t: u32, back: u32) -> u32 {
  if (back <= t) { return s.first + t - back; }
  return s.pastFirst + s.pastLength + t - back;
}`;

const convolved = (lanes: Lanes): string => `${tap(lanes)}
${ROW_BACK}
fn convolved(s: Sequence, t: u32, c: u32) -> Lanes {
  var sum = Lanes();
  for (var back = 0u; back < min(p.L, s.pastLength + t + 1u); back++) {
    sum += tap(c, back) * input(row_back(s, t, back), c);
  }
  return sum;
}`;

const main = (
  byRow: boolean,
): string => `@compute @workgroup_size(${GROUP.join(', ')}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  ${
    byRow
      ? `let row = id.y;
  if (c >= p.W || row >= p.rows) { return; }
  let s = sequence(sequenceOf(row, p.count));
  let t = row - s.first;`
      : `let t = id.y;
  let s = sequence(id.z);
  if (c >= p.W || t >= s.length) { return; }
  let row = s.first + t;`
  }
  let at = row * 3u * p.W + c;`;

/** Bindings sequences, bcx, kernel, y. */
export const forwardWgsl = ({ lanes, byRow }: ConvForm): string => `${head(lanes, ['bcx', 'kernel', 'y'])}
${convolved(lanes)}
${main(byRow)}
  y[row * p.W + c] = bcx[at + p.W] * convolved(s, t, c);
}`;

/** Bindings sequences, bcx, kernel, dy, dbcx. An input's gradient gathers from the rows after it, in a fixed order. */
export const gradInputWgsl = ({
  lanes,
  byRow,
}: ConvForm): string => `${head(lanes, ['bcx', 'kernel', 'dy', 'dbcx'])}
${convolved(lanes)}
fn gradient(row: u32, c: u32) -> Lanes { return dy[row * p.W + c] * bcx[row * 3u * p.W + p.W + c]; }
${main(byRow)}
  var sum = Lanes();
  let left = s.length - t;
  for (var ahead = 0u; ahead < min(p.L, left); ahead++) { sum += tap(c, ahead) * gradient(row + ahead, c); }
  if (left < p.L) {
    for (var j = 0u; j < s.continuedCount; j++) {
      let later = sequence(continuation(s, j));
      for (var ahead = left; ahead < min(p.L, left + later.length); ahead++) {
        sum += tap(c, ahead) * gradient(later.first + ahead - left, c);
      }
    }
  }
  dbcx[at] = sum * bcx[at + 2u * p.W];
  dbcx[at + p.W] = dy[row * p.W + c] * convolved(s, t, c);
  dbcx[at + 2u * p.W] = sum * bcx[at];
}`;

/** Rows of a sequence that one thread of the kernel's gradient adds up. */
export const GRAD_ROWS = 64;

/**
 * parts[sequence · chunks + chunk, d, l], a thread each: workgroups of 64 over d and l, then [chunks, sequences]. Bindings
 * sequences, bcx, dy, parts; channels one by one.
 */
export const GRAD_KERNEL_WGSL = `${head(1, ['bcx', 'dy', 'parts'])}
${ROW_BACK}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.W * p.L) { return; }
  let d = id.x % p.W;
  let back = id.x / p.W;
  let s = sequence(id.z);
  var sum = 0.0;
  for (var t = id.y * ${GRAD_ROWS}u; t < min(s.length, (id.y + 1u) * ${GRAD_ROWS}u); t++) {
    if (back <= s.pastLength + t) {
      let row = s.first + t;
      sum += dy[row * p.W + d] * bcx[row * 3u * p.W + p.W + d] * input(row_back(s, t, back), d);
    }
  }
  parts[(id.z * p.chunks + id.y) * p.W * p.L + d * p.L + p.L - 1u - back] = sum;
}`;
