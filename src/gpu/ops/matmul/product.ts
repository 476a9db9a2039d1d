/** Records a matrix product on webgpu, by the kernel that suits the adapter. */
import type { Binding, GpuBackend } from '../../backend.ts';
import { recordQuad } from './record-quad.ts';
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
}

/** out = a · b, batch by batch; a is [M, K] (or its transpose), b [K, N] (or its transpose), out [M, N]; all f32. */
export function recordProduct(
  backend: GpuBackend,
  a: Binding,
  b: Binding,
  out: Binding,
  o: ProductSizes,
): void {
  const { M, N, K, batch, transposeA = false, transposeB = false } = o;
  const record = backend.software ? recordQuad : recordTile;
  record(backend, {
    M,
    N,
    K,
    batch,
    a: { data: [a], along: transposeA, batchRows: o.sharedA ? 0 : transposeA ? K : M },
    b: { data: [b], along: !transposeB, batchRows: o.sharedB ? 0 : transposeB ? N : K },
    out,
  });
}
