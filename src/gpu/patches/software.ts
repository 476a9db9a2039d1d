/**
 * Replaces tfjs-backend-webgpu's transposes and reductions on software adapters, where a barrier costs microseconds: a
 * 2-D transpose of 200 k values took 1.2 s on SwiftShader, a sum over rows 1.7 s. Real GPUs keep the stock kernels,
 * except for sums over leading axes, which stock tfjs transposes first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { GpuBackend } from '../backend.ts';
import { flatIndex, grid, params } from '../fused.ts';

export function patchForSoftware(): void {
  override(tf.Transpose, transpose);
  override(tf.Sum, (gpu, x, attrs) => reduce(gpu, x, attrs, 'sum'));
  override(tf.Mean, (gpu, x, attrs) => reduce(gpu, x, attrs, 'mean'));
  override(tf.Max, (gpu, x, attrs) => reduce(gpu, x, attrs, 'max'));
}

type Attrs = Record<string, unknown>;

/** `kernel` answers null for what it leaves to the stock kernel. */
function override(
  name: string,
  kernel: (gpu: GpuBackend, x: tf.TensorInfo, attrs: Attrs) => tf.TensorInfo | null,
): void {
  const stock = tf.getKernel(name, 'webgpu');
  tf.unregisterKernel(name, 'webgpu');
  tf.registerKernel({
    ...stock,
    kernelFunc: args => {
      const x = args.inputs.x as tf.TensorInfo;
      const known = args.backend instanceof GpuBackend && tf.util.sizeFromShape(x.shape) > 0;
      return (known && kernel(args.backend as GpuBackend, x, args.attrs as Attrs)) || stock.kernelFunc(args);
    },
  });
}

/** Moves raw bits, so integers of any size survive. Bindings x, y, layout (sizes of y, then strides of x, by axis of y). */
function transposeWgsl(rank: number): string {
  return `struct Params { n: u32, a: u32, b: u32, c: u32 }
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@group(0) @binding(2) var<storage, read> layout_: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex()};
  if (i >= p.n) { return; }
  var rest = i;
  var source = 0u;
  for (var axis = ${rank - 1}; axis >= 0; axis--) {
    source += (rest % layout_[axis]) * layout_[axis + ${rank}];
    rest /= layout_[axis];
  }
  y[i] = x[source];
}`;
}

function transpose(gpu: GpuBackend, x: tf.TensorInfo, attrs: Attrs): tf.TensorInfo | null {
  // Stock tfjs moves integers as floats, and loses what is above 2^24.
  if (x.dtype !== 'int32' && !(gpu.software && x.dtype === 'float32')) return null;
  const perm = attrs.perm as number[];
  const shape = perm.map(axis => x.shape[axis]);
  const strides = x.shape.map((_, axis) => tf.util.sizeFromShape(x.shape.slice(axis + 1)));
  const layout = Uint32Array.from([...shape, ...perm.map(axis => strides[axis])]);
  const out = gpu.alloc(shape, x.dtype);
  const size = tf.util.sizeFromShape(shape);
  const rank = shape.length;
  gpu.dispatch(`transpose-${rank}`, () => transposeWgsl(rank), [x, out, layout], params(size), grid(size));
  return out;
}

/** x seen as [outer, length, inner], reduced over length, an output a thread. Bindings x, y. */
function reduceWgsl(kind: 'sum' | 'mean' | 'max'): string {
  const max = kind === 'max';
  return `struct Params { n: u32, length: u32, inner: u32, a: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
@compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = ${flatIndex(16)};
  if (i >= p.n) { return; }
  let start = i / p.inner * p.length * p.inner + i % p.inner;
  var whole = ${max ? 'x[start]' : '0.0'};
  for (var l = 0u; l < p.length; l++) {
    let value = x[start + l * p.inner];
    whole = ${max ? 'max(whole, value)' : 'whole + value'};
  }
  y[i] = whole${kind === 'mean' ? ' / f32(p.length)' : ''};
}`;
}

function reduce(
  gpu: GpuBackend,
  x: tf.TensorInfo,
  attrs: Attrs,
  kind: 'sum' | 'mean' | 'max',
): tf.TensorInfo | null {
  const given = (attrs.axis ?? attrs.reductionIndices) as number | number[];
  const axes = tf.util.parseAxisParam(given, x.shape).sort((a, b) => a - b);
  const [first, last] = [axes[0], axes[axes.length - 1]];
  if (x.dtype !== 'float32' || axes.length === 0 || last - first + 1 !== axes.length) return null;
  const length = tf.util.sizeFromShape(x.shape.slice(first, last + 1));
  const inner = tf.util.sizeFromShape(x.shape.slice(last + 1));
  const outputs = tf.util.sizeFromShape(x.shape) / length;
  // A real GPU needs threads by the thousand to be quicker this way than by a tree.
  if (!gpu.software && (inner === 1 || outputs < 4096)) return null;
  const shape = x.shape.flatMap((size, axis) =>
    axis < first || axis > last ? [size] : attrs.keepDims ? [1] : [],
  );
  const out = gpu.alloc(shape);
  gpu.dispatch(
    `reduce-${kind}`,
    () => reduceWgsl(kind),
    [x, out],
    params(outputs, length, inner),
    grid(outputs, 16),
  );
  return out;
}
