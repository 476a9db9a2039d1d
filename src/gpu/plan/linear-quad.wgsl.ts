/**
 * The decode plan's linear layers on a software adapter with quad operations: four threads compute 16 outputs of four or eight
 * sequences, as in `ops/matmul/quad.wgsl.ts`, which says why. A thread reads the inputs of its own sequences and makes of them
 * what precedes the product, the quad swaps them; a LoRA branch is a second, short product.
 */
import { declareOperand } from '../packed/index.ts';
import { frameWgsl } from './frame.wgsl.ts';
import { scalesIn, stepLinearBindings, type StepLinear } from './linear.wgsl.ts';

/** Outputs of a workgroup. */
const COLUMNS = 16;

const FOUR = [0, 1, 2, 3];
const list = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const total = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** Matrices of a workgroup's sums: those side by side have workgroups of their own, a pair's are computed together. */
const sections = ({ outputs, gated }: StepLinear): number[][] =>
  gated ? [list(outputs.length)] : outputs.map((_, i) => [i]);

export function quadLinearGroups(o: StepLinear, sequences: number): [number, number, number] {
  const groups = sections(o).map(([matrix]) => Math.ceil(o.outputs[matrix] / COLUMNS));
  return [total(groups), 1, Math.ceil(sequences / o.tile)];
}

/** The module; columns are a multiple of 4. */
export function quadLinearWgsl(o: StepLinear): string {
  const { columns: K, tile, input } = o;
  const N = o.gated ? o.outputs[0] : total(o.outputs);
  const names = stepLinearBindings(o);
  const at = (name: string): number => names.indexOf(name);
  const vectors = o.outputs.every(count => count % 4 === 0);
  const storage = (name: string, element: string, access = 'read'): string =>
    at(name) < 0
      ? ''
      : `@group(0) @binding(${at(name)}) var<storage, ${access}> ${name}: array<${element}>;\n`;
  const owns = list(tile / 4);
  const own = (h: number): string => `let row${h} = min(s0 + ${4 * h}u + lane, F.S - 1u);`;
  const inputs = inputWgsl(input, K);
  const remembers = o.remembers && at('ring') >= 0;
  return `enable subgroups;
${frameWgsl(names.length, at('state') >= 0 ? { binding: at('state'), access: 'read' } : undefined)}
${storage('x', 'vec4<f32>')}${storage('gain', 'vec4<f32>')}${storage('kernel', 'vec4<f32>')}
${storage('ring', 'vec4<f32>', remembers ? 'read_write' : 'read')}${o.joinedScales ? storage('scales', 'u32') : ''}
${o.outputs
  .map((_, i) => {
    const operand = { name: `w${i}_`, format: o.format, columns: `${K}u`, aligned: true, unit: 4 as const };
    return declareOperand({ ...operand, scalesIn: scalesIn(o, i) }, at(`w${i}_words`));
  })
  .join('')}
${storage('low', 'f32')}${storage('up', 'f32')}${storage('y', vectors ? 'vec4<f32>' : 'f32', 'read_write')}
@compute @workgroup_size(4) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let s0 = wg.z * ${tile}u;
  ${owns.map(own).join(' ')}
  ${owns.map(inputs.before).join(' ')}
  ${sections(o)
    .map((matrices, i) => section(o, matrices, { N, first: quadFirst(o, i), vectors, inputs }))
    .join('\n')}
  ${remembers ? owns.map(inputs.remember).join('\n') : ''}
}`;
}

/** Workgroups before those of a section. */
function quadFirst(o: StepLinear, index: number): number {
  return total(
    sections(o)
      .slice(0, index)
      .map(([matrix]) => Math.ceil(o.outputs[matrix] / COLUMNS)),
  );
}

/**
 * Sums of one matrix, or of a pair, and what follows them. A software adapter runs both ways of every branch, so a workgroup
 * of another section leaves the loops at once instead of choosing in them.
 */
function section(
  o: StepLinear,
  matrices: number[],
  { N, first, vectors, inputs }: { N: number; first: number; vectors: boolean; inputs: InputCode },
): string {
  const { columns: K, tile } = o;
  const count = o.outputs[matrices[0]];
  const rows = list(tile);
  const owns = list(tile / 4);
  const name = (matrix: number): string => `abcdefgh`[matrices.indexOf(matrix)];
  const swap = (value: string, i: number): string =>
    [value, ...['X', 'Y', 'Diagonal'].map(way => `quadSwap${way}(${value})`)][i & 3];
  /** Where the sequence of sum i stands after the swap. */
  const sequence = (i: number): string => `s0 + ${i & ~3}u + (lane ^ ${i & 3}u)`;
  const products = (operands: number[]): string =>
    rows
      .map(
        i =>
          `{ let v = ${swap(`x${i >> 2}`, i)}; ${operands.map(m => `${name(m)}${i} += v * ${name(m)};`).join(' ')} }`,
      )
      .join('\n');
  const lows = (matrix: number): string => {
    const { rank, scaling } = o.lora[matrix] ?? { rank: 0, scaling: 0 };
    if (rank === 0) return '';
    const ranks = total(o.lora.map(branch => branch.rank));
    const firstLow = total(o.lora.slice(0, matrix).map(branch => branch.rank));
    const firstUp = total(o.lora.slice(0, matrix).map((branch, j) => branch.rank * o.outputs[j]));
    // Past the rank's end numbers are read again; zeros of the first ones make them count for nothing.
    const inside = (j: number): string => (rank % 4 === 0 ? `j + ${j}u` : `min(j + ${j}u, ${rank - 1}u)`);
    const low = (h: number, j: number): string => {
      const value = `low[row${h} * ${ranks}u + ${firstLow}u + ${inside(j)}]`;
      return rank % 4 === 0 ? value : `select(0.0, ${value}, j + ${j}u < ${rank}u)`;
    };
    return `for (var j = 0u; j < select(0u, ${rank}u, here); j += 4u) {
      let ${name(matrix)} = mat4x4<f32>(${FOUR.map(q => `vec4<f32>(${FOUR.map(j => `up[${firstUp}u + n${q} * ${rank}u + ${inside(j)}]`).join(', ')})`).join(', ')});
      ${owns.map(h => `let x${h} = ${scaling} * vec4<f32>(${FOUR.map(j => low(h, j)).join(', ')});`).join('\n')}
      ${products([matrix])}
    }`;
  };
  const scaled = inputs.scale
    ? rows.map(
        i =>
          `{ let scale = ${swap(`scale${i >> 2}`, i)}; ${matrices.map(m => `${name(m)}${i} *= scale;`).join(' ')} }`,
      )
    : [];
  const offset = o.gated ? 0 : total(o.outputs.slice(0, matrices[0]));
  const value = (i: number): string => (o.gated ? `a${i} / (1.0 + exp(-a${i})) * b${i}` : `a${i}`);
  const put = (i: number): string => {
    const place = `(${sequence(i)}) * ${N}u + ${offset}u + n`;
    const one = (target: string, result: string): string =>
      `${target} = ${o.residual ? `${target} + ` : ''}${result};`;
    return `{ let value = ${value(i)}; if (${sequence(i)} < F.S) { ${
      vectors
        ? one(`y[(${place}) >> 2u]`, 'value')
        : FOUR.map(q => `if (n + ${q}u < ${count}u) { ${one(`y[${place} + ${q}u]`, `value[${q}]`)} }`).join(
            ' ',
          )
    } } }`;
  };
  return `{
  let here = wg.x >= ${first}u && wg.x < ${first + Math.ceil(count / COLUMNS)}u;
  let n = (wg.x - ${first}u) * ${COLUMNS}u + lane * 4u;
  ${FOUR.map(q => `let n${q} = min(n + ${q}u, ${count - 1}u);`).join(' ')}
  ${matrices.map(m => rows.map(i => `var ${name(m)}${i} = vec4<f32>();`).join(' ')).join('\n')}
  ${owns.map(inputs.start).join(' ')}
  for (var c = 0u; c < select(0u, ${K / 4}u, here); c++) {
    ${inputs.shared}
    ${owns.map(inputs.value).join('\n')}
    ${matrices.map(m => `let ${name(m)} = mat4x4<f32>(${FOUR.map(q => `w${m}_4(n${q}, c)`).join(', ')});`).join('\n')}
    ${products(matrices)}
  }
  ${owns.map(h => inputs.scale?.(h) ?? '').join(' ')}
  ${scaled.join('\n')}
  ${matrices.map(lows).join('\n')}
  if (here && n < ${count}u) { ${rows.map(put).join('\n')} }
}`;
}

/** What precedes the product, for the sequences row<h> that a thread reads. */
interface InputCode {
  /** Once. */
  before(h: number): string;
  /** Before a loop, in it for all, and in it: `x<h>`, four columns from 4c on. */
  start(h: number): string;
  shared: string;
  value(h: number): string;
  /** After a loop: `scale<h>`, of its sums. */
  scale?: (h: number) => string;
  /** Writes the convolution's newest input to the ring. */
  remember(h: number): string;
}

function inputWgsl(input: StepLinear['input'], K: number): InputCode {
  const nothing = (): string => '';
  const plain: InputCode = {
    before: nothing,
    start: nothing,
    shared: '',
    value: h => `let x${h} = x[row${h} * ${K / 4}u + c];`,
    remember: nothing,
  };
  if (input.kind === 'plain') return plain;
  if (input.kind === 'norm')
    return {
      ...plain,
      start: h => `var squares${h} = 0.0;`,
      shared: 'let g = gain[c];',
      value: h =>
        `let raw${h} = x[row${h} * ${K / 4}u + c]; squares${h} += dot(raw${h}, raw${h}); let x${h} = raw${h} * g;`,
      scale: h => `let scale${h} = inverseSqrt(squares${h} / ${K}.0 + ${input.eps});`,
    };
  const { taps } = input;
  const part = (h: number, i: number): string => `x[(3u * row${h} + ${i}u) * ${K / 4}u + c]`;
  const old = list(taps - 1);
  // The kernel is [columns, taps]: four columns' taps are as many vectors.
  const tap = (i: number): string =>
    `let k${i} = vec4<f32>(${FOUR.map(e => `m${(e * taps + i) >> 2}.${'xyzw'[(e * taps + i) & 3]}`).join(', ')});`;
  return {
    before: h =>
      taps === 1
        ? ''
        : `let slot${h} = slot_of(row${h}); let position${h} = position_of(slot${h});
  ${old.map(i => `let old${h}_${i} = (slot${h} * ${taps}u + (position${h} + ${i + 1}u) % ${taps}u) * ${K / 4}u;`).join(' ')}`,
    start: nothing,
    shared: `${list(taps)
      .map(i => `let m${i} = kernel[c * ${taps}u + ${i}u];`)
      .join(' ')} ${list(taps).map(tap).join(' ')}`,
    value: h =>
      `let x${h} = ${part(h, 1)} * (k${taps - 1} * (${part(h, 0)} * ${part(h, 2)})${old.map(i => ` + k${i} * ring[old${h}_${i} + c]`).join('')});`,
    remember: h =>
      taps === 1
        ? ''
        : `for (var c = 0u; c < select(0u, ${K / 4}u, wg.x == 0u && s0 + ${4 * h}u + lane < F.S); c++) {
    ring[(slot${h} * ${taps}u + position${h} % ${taps}u) * ${K / 4}u + c] = ${part(h, 0)} * ${part(h, 2)};
  }`,
  };
}
