/** WGSL that packs rows of floats, or of noise, into any format: one group of 32 columns a thread. */
import { flatIndex } from '../fused.ts';
import { PCG_WGSL } from '../random.ts';
import { GROUP, isQuantized, LEVELS, type WeightFormat } from './format.ts';

/** Where the values come from: a buffer, or normal numbers by Box and Muller's transform (see random.ts). */
export type PackSource = 'floats' | 'noise';

const NOISE = `${PCG_WGSL}
fn uniform_(counter: u32) -> f32 { return (f32(pcg(p.key ^ pcg(counter + 1u)) >> 8u) + 0.5) / 16777216.0; }
fn value(row: u32, c: u32) -> f32 {
  if (c >= p.columns) { return 0.0; }
  let i = (p.firstRow + row) * p.columns + c;
  return p.deviation * sqrt(-2.0 * log(uniform_(2u * i))) * cos(6.283185307179586 * uniform_(2u * i + 1u));
}`;

const FLOATS = `fn value(row: u32, c: u32) -> f32 {
  if (c >= p.columns) { return 0.0; }
  return source[row * p.columns + c];
}`;

/**
 * Bindings: [source,] words[, scales]. Rows firstRow … firstRow + rows - 1 of the matrix; firstRow must be even, so that a
 * word of two scales is written by one thread: each thread packs two groups that are neighbours in memory.
 */
export function packWgsl(format: WeightFormat, from: PackSource): string {
  let binding = 0;
  const bind = (access: string, name: string, type: string): string =>
    `@group(0) @binding(${binding++}) var<storage, ${access}> ${name}: array<${type}>;\n`;
  const head = [
    from === 'floats' ? bind('read', 'source', 'f32') : '',
    bind('read_write', 'words', format === 'f32' ? 'f32' : 'u32'),
    isQuantized(format) ? bind('read_write', 'scales', 'u32') : '',
  ].join('');
  return `struct Params { rows: u32, columns: u32, firstRow: u32, key: u32, deviation: f32 }
${head}@group(0) @binding(${binding}) var<uniform> p: Params;
${from === 'noise' ? NOISE : FLOATS}
${packGroup(format)}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pair = ${flatIndex()};
  let groups = (p.columns + ${GROUP - 1}u) / ${GROUP}u;
  let last = p.rows * groups;
  let first = p.firstRow * groups + 2u * pair;
  if (2u * pair >= last) { return; }
  let a = pack(2u * pair / groups, 2u * pair % groups);
  var b = 0.0;
  if (2u * pair + 1u < last) { b = pack((2u * pair + 1u) / groups, (2u * pair + 1u) % groups); }
  ${isQuantized(format) ? 'scales[first / 2u] = pack2x16float(vec2<f32>(a, b));' : ''}
}`;
}

/**
 * `half(x)`: the nearest float16, ties to even, as `roundToHalf` has it. WGSL lets an adapter round pack2x16float either way
 * (an H100 and SwiftShader differ); of a number that float16 holds exactly there is nothing to round.
 */
const HALF = `fn half(x: f32) -> f32 {
  let magnitude = min(abs(x), 65504.0);
  if (magnitude < 0x1p-14) { return sign(x) * round(magnitude * 0x1p24) * 0x1p-24; }
  let bits = bitcast<u32>(magnitude);
  return sign(x) * min(bitcast<f32>((bits + 0xfffu + ((bits >> 13u) & 1u)) & 0xffffe000u), 65504.0);
}
`;

/** `pack(row, group)` writes the group's words and returns its scale. */
function packGroup(format: WeightFormat): string {
  const f = 'fn pack(row: u32, group: u32) -> f32 {';
  if (format === 'f32')
    return `${f}
  for (var c = group * ${GROUP}u; c < min(p.columns, (group + 1u) * ${GROUP}u); c++) {
    words[(p.firstRow + row) * p.columns + c] = value(row, c);
  }
  return 0.0;
}`;
  if (format === 'f16')
    return `${HALF}${f}
  let stride = (p.columns + 7u) / 8u * 4u;
  for (var w = group * ${GROUP / 2}u; w < min(stride, (group + 1u) * ${GROUP / 2}u); w++) {
    let x = vec2<f32>(half(value(row, 2u * w)), half(value(row, 2u * w + 1u)));
    words[(p.firstRow + row) * stride + w] = pack2x16float(x);
  }
  return 0.0;
}`;
  const quantized = format as 'int8' | 'int4';
  const bits = quantized === 'int8' ? 8 : 4;
  const perWord = 32 / bits;
  const words = GROUP / perWord;
  const levels = `${LEVELS[quantized]}.0`;
  return `${HALF}${f}
  var largest = 0.0;
  for (var c = 0u; c < ${GROUP}u; c++) { largest = max(largest, abs(value(row, group * ${GROUP}u + c))); }
  let scale = half(largest / ${levels});
  let inverse = select(0.0, 1.0 / scale, scale > 0.0);
  let at = ((p.firstRow + row) * ((p.columns + ${GROUP - 1}u) / ${GROUP}u) + group) * ${words}u;
  for (var w = 0u; w < ${words}u; w++) {
    var bits = 0u;
    for (var i = 0u; i < ${perWord}u; i++) {
      let level = i32(clamp(round(value(row, group * ${GROUP}u + w * ${perWord}u + i) * inverse), -${levels}, ${levels}));
      bits |= (bitcast<u32>(level) & ${2 ** bits - 1}u) << (i * ${bits}u);
    }
    words[at + w] = bits;
  }
  return scale;
}`;
}

/** Rows of a packed matrix as floats. Bindings: the operand's, out. `reader` declares `w4`. */
export function unpackWgsl(reader: string, binding: number): string {
  return `struct Params { rows: u32, columns: u32, firstRow: u32, a: u32 }
${reader}
@group(0) @binding(${binding}) var<storage, read_write> out: array<f32>;
@group(0) @binding(${binding + 1}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  let fours = (p.columns + 3u) / 4u;
  if (i >= p.rows * fours) { return; }
  let row = i / fours;
  let c = i % fours;
  let x = w4(p.firstRow + row, c);
  for (var e = 0u; e < min(4u, p.columns - 4u * c); e++) { out[row * p.columns + 4u * c + e] = x[e]; }
}`;
}
