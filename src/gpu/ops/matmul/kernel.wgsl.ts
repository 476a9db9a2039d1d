/** Matrix products in WGSL for any M, N and K: a register tile for software adapters, a shared-memory tile for real GPUs. */

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

/**
 * For real GPUs: `tile` × `tile` outputs a workgroup of 256 threads, K in steps of 16 through workgroup memory.
 * Dispatch: [⌈N / tile⌉, ⌈M / tile⌉, batch]. Any M, N, K.
 */
export function sharedTile(o: MatMulVariant, tile: number): string {
  const side = tile / 16;
  const step = 16;
  const loads = (tile * step) / 256;
  const list = Array.from({ length: side }, (_, i) => i);
  const rows = (f: (i: number) => string): string => list.map(f).join('\n');
  // Neighbouring threads read neighbouring addresses, whichever way the operand lies.
  const atA = o.transposeA
    ? `let m = e % ${tile}u; let k = e / ${tile}u;`
    : `let k = e % ${step}u; let m = e / ${step}u;`;
  const atB = o.transposeB
    ? `let k = e % ${step}u; let n = e / ${step}u;`
    : `let n = e % ${tile}u; let k = e / ${tile}u;`;
  return `${HEAD('f32')}${accessors(o)}
var<workgroup> tileA: array<f32, ${step * (tile + 1)}>;
var<workgroup> tileB: array<f32, ${step * (tile + 1)}>;
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) t: u32) {
  let baseA = wg.z * p.strideA; let baseB = wg.z * p.strideB; let baseC = wg.z * p.M * p.N;
  let m0 = wg.y * ${tile}u; let n0 = wg.x * ${tile}u;
  let tx = t % 16u; let ty = t / 16u;
  ${rows(i => rows(j => `var c${i}_${j} = 0.0;`))}
  for (var k0 = 0u; k0 < p.K; k0 += ${step}u) {
    for (var l = 0u; l < ${loads}u; l++) {
      let e = l * 256u + t;
      {
        ${atA}
        var x = 0.0;
        if (m0 + m < p.M && k0 + k < p.K) { x = readA(baseA, m0 + m, k0 + k); }
        tileA[k * ${tile + 1}u + m] = x;
      }
      {
        ${atB}
        var x = 0.0;
        if (n0 + n < p.N && k0 + k < p.K) { x = readB(baseB, k0 + k, n0 + n); }
        tileB[k * ${tile + 1}u + n] = x;
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < ${step}u; k++) {
      ${rows(i => `let a${i} = tileA[k * ${tile + 1}u + ty + ${16 * i}u]; let b${i} = tileB[k * ${tile + 1}u + tx + ${16 * i}u];`)}
      ${rows(i => rows(j => `c${i}_${j} = fma(a${i}, b${j}, c${i}_${j});`))}
    }
    workgroupBarrier();
  }
  ${rows(i => rows(j => `{ let m = m0 + ty + ${16 * i}u; let n = n0 + tx + ${16 * j}u; if (m < p.M && n < p.N) { put(baseC + m * p.N + n, c${i}_${j}); } }`))}
}`;
}
