/** Embedding look-up in WGSL, and its gradient without float atomics: every token finds its neighbours of the same id. */
import { flatIndex } from '../../fused.ts';
import { declareOperand, operandBindings, type WeightFormat } from '../../packed/index.ts';

/**
 * out[n] = table[ids[n]]. Bindings table, ids, out.
 * @param lanes  columns of a thread, of which D counts so many
 */
export const gatherWgsl = (lanes: 1 | 4): string => `alias Lanes = ${lanes === 4 ? 'vec4<f32>' : 'f32'};
struct Params { count: u32, D: u32, a: u32, b: u32 }
@group(0) @binding(0) var<storage, read> table: array<Lanes>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<Lanes>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.count * p.D) { return; }
  let n = i / p.D;
  out[i] = table[ids[n] * p.D + i - n * p.D];
}`;

/** The same from a packed table, four columns a thread. Bindings the table's, ids, out. */
export function gatherPackedWgsl(format: WeightFormat, aligned: boolean): string {
  const table = { name: 'table', format, columns: 'p.D', aligned, unit: 4 as const };
  const { length } = operandBindings(table);
  return `struct Params { count: u32, D: u32, a: u32, b: u32 }
${declareOperand(table, 0)}
@group(0) @binding(${length}) var<storage, read> ids: array<u32>;
@group(0) @binding(${length + 1}) var<storage, read_write> out: array<f32>;
@group(0) @binding(${length + 2}) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  let fours = (p.D + 3u) / 4u;
  if (i >= p.count * fours) { return; }
  let row = i / fours;
  let c = i % fours;
  let x = table4(ids[row], c);
  for (var e = 0u; e < min(4u, p.D - 4u * c); e++) { out[row * p.D + 4u * c + e] = x[e]; }
}`;
}

/** links[n] = (previous token of the same id + 1, 1 when no later one follows). Bindings ids, links. */
export const LINK_WGSL = `struct Params { count: u32, D: u32, a: u32, b: u32 }
@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read_write> links: array<vec2<u32>>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= p.count) { return; }
  var before = n;
  while (before > 0u) {
    if (ids[before - 1u] == ids[n]) { break; }
    before--;
  }
  var later = n + 1u;
  while (later < p.count) {
    if (ids[later] == ids[n]) { break; }
    later++;
  }
  links[n] = vec2<u32>(before, select(0u, 1u, later == p.count));
}`;

/** Adds up dy along the chain of each id's tokens, from its last to its first. Bindings ids, links, dy, grad (zeroed). */
export const SUM_WGSL = `struct Params { count: u32, D: u32, a: u32, b: u32 }
@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read> links: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> grad: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.count * p.D) { return; }
  let n = i / p.D;
  let c = i % p.D;
  if (links[n].y == 0u) { return; }
  var sum = 0.0;
  var at = n + 1u;
  while (at > 0u) {
    sum += dy[(at - 1u) * p.D + c];
    at = links[at - 1u].x;
  }
  grad[ids[n] * p.D + c] = sum;
}`;
