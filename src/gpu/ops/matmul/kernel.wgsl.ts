/** Matrix products of f32 for software adapters, for any M, N and K: register tiles, no workgroup memory, no barrier. */

export interface MatMulVariant {
  transposeA: boolean;
  transposeB: boolean;
  /** All of M, N and K are multiples of 4, so that operands can be read as vec4. */
  vec4: boolean;
}

export function variantKey(kind: string, o: MatMulVariant): string {
  return `matmul-${kind}-${o.transposeA ? 't' : 'n'}${o.transposeB ? 't' : 'n'}${o.vec4 ? '4' : '1'}`;
}

/** Operand strides are in elements a batch; 0 broadcasts one matrix over all batches. `add` 1 adds to what C holds. */
const HEAD = (element: string): string => `
struct Params { M: u32, N: u32, K: u32, strideA: u32, strideB: u32, add: u32 }
@group(0) @binding(0) var<storage, read> A: array<${element}>;
@group(0) @binding(1) var<storage, read> B: array<${element}>;
@group(0) @binding(2) var<storage, read_write> C: array<${element}>;
@group(0) @binding(3) var<uniform> p: Params;
fn put(i: u32, value: ${element}) {
  if (p.add == 1u) { C[i] += value; } else { C[i] = value; }
}
`;

const FOUR = [0, 1, 2, 3];
const each = (f: (i: number) => string, join = '\n'): string => FOUR.map(f).join(join);
const axis = 'xyzw';

/**
 * 4 × 16 outputs a thread (4 × 4 when B is transposed), registers only: no workgroup memory and no barriers, which
 * SwiftShader pays dearly for. Five times stock tfjs there. Dispatch: [⌈N / 256⌉, M / 4, batch] (NT: [⌈N / 64⌉, …]).
 */
export function registerTile4(o: MatMulVariant): string {
  return o.transposeB ? registerTileNT() : registerTileN(o.transposeA);
}

function registerTileN(transposeA: boolean): string {
  const product = (j: number): string => `{
      let o = baseB + (k * 4u + ${j}u) * N4 + c;
      ${each(q => `let v${q} = B[o + ${q}u];`)}
      ${transposeA ? `let a = A[baseA + (k * 4u + ${j}u) * M4 + g.y];` : ''}
      ${each(i =>
        each(
          q =>
            `c${i}${q} = fma(vec4<f32>(${transposeA ? `a.${axis[i]}` : `a${i}.${axis[j]}`}), v${q}, c${i}${q});`,
        ),
      )}
    }`;
  return `${HEAD('vec4<f32>')}
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) g: vec3<u32>) {
  let K4 = p.K / 4u; let N4 = p.N / 4u; let M4 = p.M / 4u;
  let c = g.x * 4u;
  let r = g.y * 4u;
  if (c >= N4 || r >= p.M) { return; }
  let baseA = g.z * p.strideA / 4u; let baseB = g.z * p.strideB / 4u; let baseC = g.z * p.M * N4;
  ${each(i => each(q => `var c${i}${q} = vec4<f32>();`))}
  for (var k = 0u; k < K4; k++) {
    ${transposeA ? '' : each(i => `let a${i} = A[baseA + (r + ${i}u) * K4 + k];`)}
    ${each(product)}
  }
  ${each(q => `if (c + ${q}u < N4) { ${each(i => `put(baseC + (r + ${i}u) * N4 + c + ${q}u, c${i}${q});`)} }`)}
}`;
}

function registerTileNT(): string {
  return `${HEAD('vec4<f32>')}
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) g: vec3<u32>) {
  let K4 = p.K / 4u; let N4 = p.N / 4u;
  let n = g.x * 4u;
  let r = g.y * 4u;
  if (g.x >= N4 || r >= p.M) { return; }
  let baseA = g.z * p.strideA / 4u; let baseB = g.z * p.strideB / 4u; let baseC = g.z * p.M * N4;
  ${each(i => each(q => `var c${i}${q} = vec4<f32>();`))}
  for (var k = 0u; k < K4; k++) {
    ${each(i => `let a${i} = A[baseA + (r + ${i}u) * K4 + k]; let b${i} = B[baseB + (n + ${i}u) * K4 + k];`)}
    ${each(i => each(q => `c${i}${q} = fma(a${i}, b${q}, c${i}${q});`))}
  }
  let one = vec4<f32>(1.0);
  ${each(i => `put(baseC + (r + ${i}u) * N4 + g.x, vec4<f32>(${each(q => `dot(c${i}${q}, one)`, ',')}));`)}
}`;
}

/** Reads of operands by logical row and column, for any sizes. */
function accessors(o: MatMulVariant): string {
  const a = o.transposeA ? 'k * p.M + m' : 'm * p.K + k';
  const b = o.transposeB ? 'n * p.K + k' : 'k * p.N + n';
  return `
fn readA(base: u32, m: u32, k: u32) -> f32 { return A[base + ${a}]; }
fn readB(base: u32, k: u32, n: u32) -> f32 { return B[base + ${b}]; }`;
}

/** 4 × 4 scalar outputs a thread with clamped reads: any M, N, K on a software adapter. Dispatch: [⌈N / 64⌉, ⌈M / 4⌉, batch]. */
export function registerTile1(o: MatMulVariant): string {
  return `${HEAD('f32')}${accessors(o)}
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) g: vec3<u32>) {
  let nFirst = g.x * 4u;
  let mFirst = g.y * 4u;
  if (nFirst >= p.N || mFirst >= p.M) { return; }
  let baseA = g.z * p.strideA; let baseB = g.z * p.strideB; let baseC = g.z * p.M * p.N;
  ${each(i => `let m${i} = min(mFirst + ${i}u, p.M - 1u); let n${i} = min(nFirst + ${i}u, p.N - 1u);`)}
  ${each(i => `var c${i} = vec4<f32>();`)}
  for (var k = 0u; k < p.K; k++) {
    let b = vec4<f32>(${each(i => `readB(baseB, k, n${i})`, ', ')});
    ${each(i => `c${i} = fma(vec4<f32>(readA(baseA, m${i}, k)), b, c${i});`)}
  }
  ${each(i => `if (mFirst + ${i}u < p.M) { ${each(q => `if (nFirst + ${q}u < p.N) { put(baseC + (mFirst + ${i}u) * p.N + nFirst + ${q}u, c${i}.${axis[q]}); }`)} }`)}
}`;
}
