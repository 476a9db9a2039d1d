/**
 * Replaces tfjs-backend-webgpu's softmax, which writes out of bounds past 65,535 rows (wrong results on SwiftShader) and
 * synchronises a workgroup a row, which software adapters pay dearly for.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../backend.ts';
import { flatIndex, grid, params } from '../fused.ts';

/** `width` threads share a row; 1 needs no barrier. Bindings x, y. */
export function softmaxWgsl(width: number): string {
  const one = width === 1;
  const reduce = (merge: string): string =>
    one
      ? 'let whole = part;'
      : `workgroupBarrier();
    shared_[t] = part;
    workgroupBarrier();
    for (var n = ${width / 2}u; n > 0u; n >>= 1u) {
      if (t < n) { let a = shared_[t]; let b = shared_[t + n]; shared_[t] = ${merge}; }
      workgroupBarrier();
    }
    let whole = shared_[0];`;
  const each = (body: string): string =>
    `for (var c = t; c < p.columns; c += ${width}u) { let i = row * p.columns + c; ${body} }`;
  return `struct Params { rows: u32, columns: u32, a: u32, b: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
${one ? '' : `var<workgroup> shared_: array<f32, ${width}>;`}
@compute @workgroup_size(${one ? 16 : width})
fn main(@builtin(${one ? 'global_invocation_id' : 'workgroup_id'}) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = ${flatIndex(one ? 16 : 1)};
  let t = ${one ? '0u' : 'lane'};
  if (row >= p.rows) { return; }
  var top = 0.0;
  var scale = 0.0;
  {
    var part = -3.0e38;
    ${each('part = max(part, x[i]);')}
    ${reduce('max(a, b)')}
    top = whole;
  }
  {
    var part = 0.0;
    ${each('let e = exp(x[i] - top); y[i] = e; part += e;')}
    ${reduce('a + b')}
    scale = 1.0 / whole;
  }
  ${each('y[i] *= scale;')}
}`;
}

export function patchSoftmax(): void {
  tf.unregisterKernel(tf.Softmax, 'webgpu');
  tf.registerKernel({
    kernelName: tf.Softmax,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const gpu = backend as GpuBackend;
      const logits = inputs.logits as tf.TensorInfo;
      const columns = logits.shape[Number(attrs?.dim)];
      const rows = tf.util.sizeFromShape(logits.shape) / columns;
      const out = gpu.alloc(logits.shape);
      const width = gpu.software ? 1 : 64;
      const groups = grid(rows, gpu.software ? 16 : 1);
      gpu.dispatch(
        `softmax-${width}`,
        () => softmaxWgsl(width),
        [logits, out],
        params(rows, columns),
        groups,
      );
      return out;
    },
  });
}
