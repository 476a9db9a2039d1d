/** Records a matrix product of f32 on webgpu, choosing the kernel that suits the adapter and the sizes. */
import type { Binding, GpuBackend } from '../../backend.ts';
import { registerTile1, registerTile4, variantKey } from './kernel.wgsl.ts';
import { recordTile } from './record-tile.ts';

export interface ProductSizes {
  M: number;
  N: number;
  K: number;
  transposeA?: boolean;
  transposeB?: boolean;
  batch?: number;
  /** One operand for all batches. */
  sharedA?: boolean;
  sharedB?: boolean;
  /** Adds to what `out` holds instead of overwriting it. */
  add?: boolean;
}

/** out = a · b, batch by batch; a is [M, K] (or its transpose), b [K, N] (or its transpose), out [M, N]. */
export function recordProduct(
  backend: GpuBackend,
  a: Binding,
  b: Binding,
  out: Binding,
  o: ProductSizes,
): void {
  const { M, N, K, batch = 1, transposeA = false, transposeB = false } = o;
  if (!backend.software) {
    recordTile(backend, {
      ...o,
      a: { data: [a], along: transposeA, batchRows: o.sharedA ? 0 : transposeA ? K : M },
      b: { data: [b], along: !transposeB, batchRows: o.sharedB ? 0 : transposeB ? N : K },
      out,
    });
    return;
  }
  const vec4 = M % 4 === 0 && N % 4 === 0 && K % 4 === 0;
  const variant = { transposeA, transposeB, vec4 };
  const params = new Uint32Array([M, N, K, o.sharedA ? 0 : M * K, o.sharedB ? 0 : K * N, o.add ? 1 : 0]);
  const run = (kind: string, code: () => string, groups: [number, number, number]): void =>
    backend.dispatch(variantKey(kind, variant), code, [a, b, out], params, groups);
  if (vec4) {
    const across = Math.ceil(N / (transposeB ? 64 : 256));
    run('reg4', () => registerTile4(variant), [across, M / 4, batch]);
  } else run('reg1', () => registerTile1(variant), [Math.ceil(N / 64), Math.ceil(M / 4), batch]);
}
