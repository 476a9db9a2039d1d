/** Records a product on a software adapter: what `record-tile.ts` is for a GPU. */
import type { GpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { productForm, productNumbers, readData, type Product } from './operands.ts';
import { QUAD_COLUMNS, quadKey, quadWgsl, type QuadVariant } from './quad.wgsl.ts';

/** Rows of a workgroup: more sums take longer to compile and are no faster (2026-11-29: 8, 12, 16, 24, 32 tried). */
const ROWS = { few: 8, many: 16 };

/** out = scale · (a b (+ scaling · a2 b2)) (+ bias) (+ residual), batch by batch. */
export function recordQuad(gpu: GpuBackend, product: Product & { scale?: number }): void {
  const flip = isNarrow(product);
  const o = flip ? { ...product, M: product.N, N: product.M, a: product.b, b: product.a } : product;
  const { M, N, K, batch = 1, add = false } = o;
  const subgroups = gpu.gpu.features.includes('subgroups');
  const rows = M <= ROWS.few || !subgroups ? ROWS.few : ROWS.many;
  const variant: QuadVariant = {
    ...productForm(o),
    rows,
    whole: K % 4 === 0,
    wholeRank: (o.second?.rank ?? 0) % 4 === 0,
    add,
    flip,
    subgroups,
  };
  gpu.dispatch(
    quadKey(variant),
    () => quadWgsl(variant),
    [...readData(o, variant), o.out],
    params(...productNumbers(o), { f32: o.scale ?? 1 }),
    [Math.ceil(N / QUAD_COLUMNS), Math.ceil(M / rows), batch],
  );
}

/** A result of few columns, as a LoRA's first product has, is computed as that of few rows: half of a tile would be empty. */
function isNarrow({ M, N, b, second, bias, residual, batch = 1 }: Product): boolean {
  return N <= ROWS.few && M > N && batch === 1 && !b.firstRow && !second && !bias && !residual;
}
