/** Records a matrix product on webgpu, choosing the tile that suits the adapter and the sizes. */
import type { Binding, GpuBackend } from '../../backend.ts';
import { registerTile1, registerTile4, sharedTile, variantKey } from './kernel.wgsl.ts';

export interface ProductSizes {
  M: number;
  N: number;
  K: number;
  transposeA?: boolean;
  transposeB?: boolean;
  batch?: number;
  /** Elements from one batch's operand to the next; 0 uses one for all. */
  strideA?: number;
  strideB?: number;
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
  const vec4 = M % 4 === 0 && N % 4 === 0 && K % 4 === 0;
  const variant = { transposeA, transposeB, vec4 };
  const params = new Uint32Array([M, N, K, o.strideA ?? 0, o.strideB ?? 0, o.add ? 1 : 0]);
  const run = (kind: string, code: () => string, groups: [number, number, number]): void =>
    backend.dispatch(variantKey(kind, variant), code, [a, b, out], params, groups);
  if (backend.software && vec4) {
    const across = Math.ceil(N / (transposeB ? 64 : 256));
    run('reg4', () => registerTile4(variant), [across, M / 4, batch]);
  } else if (backend.software) {
    run('reg1', () => registerTile1(variant), [Math.ceil(N / 64), Math.ceil(M / 4), batch]);
  } else {
    const tile = M >= 512 && N >= 512 && batch === 1 ? 128 : M > 32 && N > 32 ? 64 : 32;
    run(`shared${tile}`, () => sharedTile(variant, tile), [Math.ceil(N / tile), Math.ceil(M / tile), batch]);
  }
}
