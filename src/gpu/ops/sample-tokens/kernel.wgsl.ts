/** The sampler in WGSL: one dispatch draws a token for every row of logits. */
import { drawWgsl, type DrawRules } from './draw.wgsl.ts';

export type SamplerVariant = Omit<DrawRules, 'minP'> & {
  /** Whether each row has words of bans of its own. */
  ownBans: boolean;
};

/**
 * Bindings logits [S, V], keys [S], banned (a bit a token, for all rows or for each), where there is a penalty seen [S, V / 32] (a bit for each token
 * that a row already has), result [S, 2] (token, bits of its logp).
 */
export function sampleWgsl(variant: SamplerVariant): string {
  const { width, penalty, ownBans } = variant;
  const one = width === 1;
  const last = penalty ? 4 : 3;
  // A log of -1e30 is no minimum: one kernel less to compile.
  const draw = drawWgsl(
    { ...variant, minP: true },
    {
      uniform: 'p',
      vocabulary: 'p.V',
      logit: 'logits[row * p.V + v]',
      bans: 'bans',
      ...(ownBans ? { firstBan: 'first_ban' } : {}),
      seen: '((seen[row * ((p.V + 31u) / 32u) + v / 32u] >> (v % 32u)) & 1u) == 1u',
    },
  );
  return `struct Params { rows: u32, V: u32, topK: u32, greedy: u32, temperature: f32, topP: f32, logMinP: f32, penalty: f32 }
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read> bans: array<u32>;
${penalty ? '@group(0) @binding(3) var<storage, read> seen: array<u32>;' : ''}
@group(0) @binding(${last}) var<storage, read_write> result: array<u32>;
@group(0) @binding(${last + 1}) var<uniform> p: Params;
${ownBans ? 'var<private> first_ban: u32;' : ''}
${draw.declarations}
@compute @workgroup_size(${one ? 4 : width})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = ${one ? 'id.x' : 'wg.x'};
  let t = ${one ? '0u' : 'lane'};
  if (row >= p.rows) { return; }
  let key = keys[row];
  ${ownBans ? 'first_ban = row * ((p.V + 31u) / 32u);' : ''}
  var top = 0.0;
  var lse = 0.0;
  {
    var part = -3.0e38;
    ${draw.each('part = max(part, raw / p.temperature);')}
    ${draw.reduce('whole', 'f32', 'max(a, b)')}
    top = whole;
  }
  {
    var part = 0.0;
    ${draw.each('part += exp(raw / p.temperature - top);')}
    ${draw.reduce('whole', 'f32', 'a + b')}
    lse = top + log(whole);
  }
  ${draw.start}
  ${draw.filtered}
  ${draw.settle}
  if (t == 0u) {
    result[2u * row] = token;
    result[2u * row + 1u] = bitcast<u32>(logits[row * p.V + token] / p.temperature - lse);
  }
}`;
}
