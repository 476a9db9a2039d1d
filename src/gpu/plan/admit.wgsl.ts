/** What a prefill leaves goes to its place in the decode plan: keys and values into pages, conv inputs into rings. */
import { PAGE } from './frame.wgsl.ts';

/**
 * Jobs are (prompt of the prefill, first position, count, page): positions of one prompt that fill a page from its start. Keys and
 * values come as rows of `heads` heads, `length` rows a prompt; a page has a head's positions side by side.
 */
export const PAGES_WGSL = `struct Params { jobs: u32, heads: u32, length: u32, D: u32 }
@group(0) @binding(0) var<storage, read> k: array<f32>;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<f32>;
@group(0) @binding(3) var<storage, read_write> values: array<f32>;
@group(0) @binding(4) var<storage, read> jobs: array<vec4<u32>>;
@group(0) @binding(5) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let job = jobs[wg.x];
  let head = wg.y;
  for (var i = t; i < job.z * p.D; i += 64u) {
    let row = job.x * p.length + job.y + i / p.D;
    let source = (row * p.heads + head) * p.D + i % p.D;
    let place = (job.w * p.heads + head) * ${PAGE}u * p.D + i;
    keys[place] = k[source];
    values[place] = v[source];
  }
}`;

/**
 * Jobs are (prompt of the prefill, tokens of it, slot, 0): the last taps - 1 inputs, zeros before the beginning. An input is the
 * product of the first and the last third of a row of bcx.
 */
export const RING_WGSL = `struct Params { taps: u32, length: u32, D: u32, a: u32 }
@group(0) @binding(0) var<storage, read> bcx: array<f32>;
@group(0) @binding(1) var<storage, read_write> ring: array<f32>;
@group(0) @binding(2) var<storage, read> jobs: array<vec4<u32>>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let job = jobs[wg.x];
  for (var back = 1u; back < p.taps; back++) {
    let place = (job.z * p.taps + (job.y + p.taps - back) % p.taps) * p.D;
    for (var c = t; c < p.D; c += 64u) {
      var value = 0.0;
      if (job.y >= back) {
        let source = (job.x * p.length + job.y - back) * 3u * p.D + c;
        value = bcx[source] * bcx[source + 2u * p.D];
      }
      ring[place + c] = value;
    }
  }
}`;
