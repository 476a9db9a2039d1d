/**
 * WGSL that reads a matrix of any format, four or eight neighbours of a row at a time. Places are shifted, not divided: SwiftShader
 * takes a division by four as one, number by number.
 */
import { GROUP, isQuantized, type WeightFormat } from './format.ts';

export interface Operand {
  /** Prefix of what is declared: `<name>_words`, `<name>_scales`, `<name>4`, `<name>8`. */
  name: string;
  format: WeightFormat;
  /** WGSL expression for the columns. */
  columns: string;
  /** f32 only: the columns are a multiple of 4, so that rows can be read as vec4. */
  aligned: boolean;
  /** Elements that one read gives. */
  unit: 4 | 8;
  /** Where its scales lie among others' in an array that is declared elsewhere, in words; they have no binding of its own then. */
  scalesIn?: { array: string; offset: number };
}

/** Bindings that an operand takes, in order; `_words` and, for integers, `_scales`. */
export function operandBindings({
  name,
  format,
  scalesIn,
}: Pick<Operand, 'name' | 'format' | 'scalesIn'>): string[] {
  return isQuantized(format) && !scalesIn ? [`${name}_words`, `${name}_scales`] : [`${name}_words`];
}

/** Where eight neighbours go; `lo` is the first four. Declare once a module. */
export const EIGHT_WGSL = 'struct Eight { lo: vec4<f32>, hi: vec4<f32> }\n';

const WORD: Readonly<Record<WeightFormat, [four: string, eight: string]>> = {
  f32: ['vec4<f32>', 'vec4<f32>'],
  f16: ['Half4', 'vec4<u32>'],
  int8: ['u32', 'vec2<u32>'],
  int4: ['u32', 'u32'],
};

/**
 * Declares the operand's bindings from `binding` on, and `<name>4(row, c)` (columns 4c … 4c + 3) or `<name>8(row, c)`.
 * Columns past the end read as zero; rows past the end must not be asked for.
 */
export function declareOperand(o: Operand, binding: number): string {
  const element = o.format === 'f32' && !o.aligned ? 'f32' : WORD[o.format][o.unit === 4 ? 0 : 1];
  const words = `@group(0) @binding(${binding}) var<storage, read> ${o.name}_words: array<${element}>;\n`;
  const { array, offset } = o.scalesIn ?? { array: `${o.name}_scales`, offset: 0 };
  const scales = isQuantized(o.format)
    ? `${o.scalesIn ? '' : `@group(0) @binding(${binding + 1}) var<storage, read> ${array}: array<u32>;`}
fn ${o.name}_scale(group: u32) -> f32 {
  let pair = unpack2x16float(${array}[${offset}u + (group >> 1u)]);
  return select(pair.x, pair.y, (group & 1u) == 1u);
}\n`
    : '';
  return words + scales + (o.unit === 4 ? readFour(o) : readEight(o));
}

/** The four signed integers at bits `at` … of a word, each `bits` wide. */
function integers(word: string, bits: 4 | 8, at: number): string {
  const shifts = [0, 1, 2, 3].map(i => `${32 - bits - at - i * bits}u`).join(', ');
  return `vec4<f32>((vec4<i32>(bitcast<i32>(${word})) << vec4<u32>(${shifts})) >> vec4<u32>(${32 - bits}u))`;
}

function readFour({ name, format, columns, aligned }: Operand): string {
  const f = `fn ${name}4(row: u32, c: u32) -> vec4<f32> {`;
  if (format === 'f32')
    return aligned
      ? `${f} return ${name}_words[row * (${columns} >> 2u) + c]; }\n`
      : `${f}
  let at = row * ${columns} + c * 4u;
  let left = ${columns} - min(c * 4u, ${columns});
  var x = vec4<f32>();
  if (left > 0u) { x.x = ${name}_words[at]; }
  if (left > 1u) { x.y = ${name}_words[at + 1u]; }
  if (left > 2u) { x.z = ${name}_words[at + 2u]; }
  if (left > 3u) { x.w = ${name}_words[at + 3u]; }
  return x;
}\n`;
  if (format === 'f16')
    return `${f} return half4(${name}_words[row * (((${columns} + 7u) >> 3u) << 1u) + c]); }\n`;
  const groups = `((${columns} + ${GROUP - 1}u) >> ${Math.log2(GROUP)}u)`;
  const scale = `${name}_scale(row * ${groups} + (c >> 3u))`;
  if (format === 'int8')
    return `${f} return ${scale} * ${integers(`${name}_words[row * ${groups} * 8u + c]`, 8, 0)}; }\n`;
  return `${f}
  let u = ${name}_words[row * ${groups} * 4u + (c >> 1u)] >> ((c & 1u) << 4u);
  return ${scale} * ${integers('u', 4, 0)};
}\n`;
}

function readEight({ name, format, columns, aligned }: Operand): string {
  const f = `fn ${name}8(row: u32, c: u32) -> Eight {`;
  if (format === 'f32') {
    if (!aligned)
      return `${readFour({ name, format, columns, aligned, unit: 4 })}${f} return Eight(${name}4(row, c * 2u), ${name}4(row, c * 2u + 1u)); }\n`;
    return `${f}
  let at = row * (${columns} >> 2u) + c * 2u;
  var hi = vec4<f32>();
  if (c * 8u + 4u < ${columns}) { hi = ${name}_words[at + 1u]; }
  return Eight(${name}_words[at], hi);
}\n`;
  }
  if (format === 'f16')
    return `${f}
  let u = ${name}_words[row * ((${columns} + 7u) >> 3u) + c];
  return Eight(half4_bits(u.xy), half4_bits(u.zw));
}\n`;
  const groups = `((${columns} + ${GROUP - 1}u) >> ${Math.log2(GROUP)}u)`;
  const scale = `let s = ${name}_scale(row * ${groups} + (c >> 2u));`;
  if (format === 'int8')
    return `${f}
  let u = ${name}_words[row * ${groups} * 4u + c];
  ${scale}
  return Eight(s * ${integers('u.x', 8, 0)}, s * ${integers('u.y', 8, 0)});
}\n`;
  return `${f}
  let u = ${name}_words[row * ${groups} * 4u + c];
  ${scale}
  return Eight(s * ${integers('u', 4, 0)}, s * ${integers('u', 4, 16)});
}\n`;
}
