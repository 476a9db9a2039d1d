/** Kernels that reduce rows: `width` threads share a row; 1 needs no barrier, which suits software adapters. */
import * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../backend.ts';
import { flatIndex, grid, params } from '../fused.ts';

/** Code that leaves the row's sum of `term` (an expression in c, the column) in `sum`. */
export function rowSum(width: number, name: string, term: string): string {
  if (width === 1) {
    return `var ${name} = 0.0;
  for (var c = 0u; c < p.D; c++) { ${name} += ${term}; }`;
  }
  return `var part_${name} = 0.0;
  for (var c = t; c < p.D; c += ${width}u) { part_${name} += ${term}; }
  workgroupBarrier();
  shared_[t] = part_${name};
  workgroupBarrier();
  for (var k = ${width / 2}u; k > 0u; k >>= 1u) {
    if (t < k) { shared_[t] += shared_[t + k]; }
    workgroupBarrier();
  }
  let ${name} = shared_[0];`;
}

/** With one thread a row, 16 rows a workgroup; else a workgroup a row, folded into x and y. */
export function rowMain(width: number, body: string): string {
  if (width === 1) {
    return `@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = ${flatIndex(16)};
  let t = 0u;
  if (row >= p.rows) { return; }
${body}}`;
  }
  return `var<workgroup> shared_: array<f32, ${width}>;
@compute @workgroup_size(${width})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let row = ${flatIndex(1)};
  if (row >= p.rows) { return; }
${body}}`;
}

export const ROW_PARAMS = 'struct Params { rows: u32, D: u32, eps: f32, pad: u32 }';
export const read = (binding: number, name: string, element = 'f32'): string =>
  `@group(0) @binding(${binding}) var<storage, read> ${name}: array<${element}>;\n`;
export const write = (binding: number, name: string, element = 'f32'): string =>
  `@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<${element}>;\n`;
export const uniform = (binding: number): string =>
  `@group(0) @binding(${binding}) var<uniform> p: Params;\n`;

/** Columns that a thread reads at once. */
export type Lanes = 1 | 4;

/** `E`, so many columns, and what two of them have in common. */
export const elementWgsl = (lanes: Lanes): string => `alias E = ${lanes === 4 ? 'vec4<f32>' : 'f32'};
const LANES = ${lanes}u;
fn inner(a: E, b: E) -> f32 { return ${lanes === 4 ? 'dot(a, b)' : 'a * b'}; }
`;

/**
 * Records a row kernel over the last dimension of `x`, a row a thread on software adapters, a row a workgroup of 64
 * elsewhere. The uniform is rows, columns in units of `lanes`, eps.
 *
 * @param vectors  a row may be read four columns at once, which is faster where one thread reads it
 */
export function recordRows(
  gpu: GpuBackend,
  key: string,
  code: (width: number, lanes: Lanes) => string,
  bindings: tf.TensorInfo[],
  x: tf.TensorInfo,
  eps: number,
  vectors = false,
): void {
  const width = gpu.software ? 1 : 64;
  const columns = x.shape[x.shape.length - 1];
  const lanes = vectors && gpu.software && columns % 4 === 0 ? 4 : 1;
  const rows = tf.util.sizeFromShape(x.shape) / columns;
  const numbers = params(rows, columns / lanes, { f32: eps });
  const groups = grid(rows, gpu.software ? 16 : 1);
  gpu.dispatch(`${key}-${width}-${lanes}`, () => code(width, lanes), bindings, numbers, groups);
}

/** Rows that one thread of a weight's gradient adds up. */
export const GRAD_ROWS = 64;
