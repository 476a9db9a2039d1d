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
export const read = (binding: number, name: string): string =>
  `@group(0) @binding(${binding}) var<storage, read> ${name}: array<f32>;\n`;
export const write = (binding: number, name: string): string =>
  `@group(0) @binding(${binding}) var<storage, read_write> ${name}: array<f32>;\n`;
export const uniform = (binding: number): string =>
  `@group(0) @binding(${binding}) var<uniform> p: Params;\n`;

/**
 * Records a row kernel over the last dimension of `x`, a row a thread on software adapters, a row a workgroup of 64
 * elsewhere. The uniform is rows, columns, eps.
 */
export function recordRows(
  gpu: GpuBackend,
  key: string,
  code: (width: number) => string,
  bindings: tf.TensorInfo[],
  x: tf.TensorInfo,
  eps: number,
): void {
  const width = gpu.software ? 1 : 64;
  const columns = x.shape[x.shape.length - 1];
  const rows = tf.util.sizeFromShape(x.shape) / columns;
  const numbers = params(rows, columns, { f32: eps });
  gpu.dispatch(`${key}-${width}`, () => code(width), bindings, numbers, grid(rows, gpu.software ? 16 : 1));
}

/** Rows that one thread of a weight's gradient adds up. */
export const GRAD_ROWS = 64;
