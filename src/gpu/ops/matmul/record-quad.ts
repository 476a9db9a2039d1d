/** Records a product on a software adapter: what `record-tile.ts` is for a GPU. */
import type { GpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { QUAD_COLUMNS, QUAD_ROWS, quadKey, quadWgsl, type QuadVariant } from './quad.wgsl.ts';
import type { TileProduct } from './record-tile.ts';

/** out = scale · (a b (+ scaling · a2 b2)) (+ bias) (+ residual), batch by batch. */
export function recordQuad(gpu: GpuBackend, o: TileProduct & { scale?: number }): void {
  const { M, N, K, a, b, second, bias, residual, batch = 1 } = o;
  const variant: QuadVariant = {
    a: { format: a.format ?? 'f32', along: a.along, aligned: (a.along ? M : K) % 4 === 0 },
    b: { format: b.format ?? 'f32', along: b.along, aligned: (b.along ? N : K) % 4 === 0 },
    whole: K % 4 === 0,
    second: second && {
      a: { format: 'f32', along: false, aligned: second.rank % 4 === 0 },
      b: { format: 'f32', along: second.along, aligned: (second.along ? N : second.rank) % 4 === 0 },
      whole: second.rank % 4 === 0,
    },
    bias: bias !== undefined,
    residual: residual !== undefined,
    alignedC: N % 4 === 0,
    subgroups: gpu.gpu.features.includes('subgroups'),
  };
  gpu.dispatch(
    quadKey(variant),
    () => quadWgsl(variant),
    [
      ...a.data,
      ...b.data,
      ...(second ? [second.a, second.b] : []),
      ...(bias ? [bias] : []),
      ...(residual ? [residual] : []),
      o.out,
    ],
    params(
      M,
      N,
      K,
      a.batchRows ?? 0,
      b.batchRows ?? 0,
      b.firstRow ?? 0,
      o.add ? 1 : 0,
      second?.rank ?? 0,
      { f32: second?.scaling ?? 0 },
      { f32: o.scale ?? 1 },
    ),
    [Math.ceil(N / QUAD_COLUMNS), Math.ceil(M / QUAD_ROWS), batch],
  );
}
