/** What the kernels of tiles and of quads share: a product's operands, its bindings in their order, its uniform. */
import type { Binding } from '../../backend.ts';
import { operandBindings, type WeightFormat } from '../../packed/index.ts';

/** An operand as a kernel is written for it. */
export interface OperandForm {
  format: WeightFormat;
  /** Stored with the summed dimension down the rows, [K, X]; else [X, K]. */
  along: boolean;
  /** f32 only: the stored rows are a multiple of 4 long. */
  aligned: boolean;
}

export interface PairForm {
  a: OperandForm;
  b: OperandForm;
}

/** What a kernel is written for. */
export interface ProductForm extends PairForm {
  /** Adds scaling · a2 b2, a2 [M, rank], both f32. Bindings `a2_words`, `b2_words`. */
  second?: PairForm;
  /** Binding `bias` [N]. */
  bias: boolean;
  /** Binding `residual` [M, N] is added; for one batch. */
  residual: boolean;
  /** N is a multiple of 4: C is written as vec4. */
  alignedC: boolean;
}

export interface MatrixOperand {
  /** Words, then the scales of integer formats. */
  data: Binding[];
  format?: WeightFormat;
  /** Stored [K, X], the summed dimension down the rows; else [X, K]. */
  along: boolean;
  /** Stored rows from one batch's matrix to the next; 0 uses one for all. */
  batchRows?: number;
}

/** A product to record. */
export interface Product {
  M: number;
  N: number;
  K: number;
  a: MatrixOperand;
  b: MatrixOperand & { firstRow?: number };
  /** Adds scaling · a b, a [M, rank] and b [rank, N] (along) or [N, rank], both f32. */
  second?: { a: Binding; b: Binding; along: boolean; rank: number; scaling: number };
  /** [N] */
  bias?: Binding;
  /** [M, N], added to the product; for one batch. */
  residual?: Binding;
  out: Binding;
  batch?: number;
  /** Adds to what `out` holds. */
  add?: boolean;
}

export function productForm({ M, N, K, a, b, second, bias, residual }: Product): ProductForm {
  const form = (
    { format = 'f32', along }: Partial<MatrixOperand>,
    size: number,
    summed: number,
  ): OperandForm => ({
    format,
    along: along ?? false,
    aligned: (along ? size : summed) % 4 === 0,
  });
  return {
    a: form(a, M, K),
    b: form(b, N, K),
    second: second && {
      a: form({ along: false }, M, second.rank),
      b: form({ along: second.along }, N, second.rank),
    },
    bias: bias !== undefined,
    residual: residual !== undefined,
    alignedC: N % 4 === 0,
  };
}

const operandKey = (o: OperandForm): string =>
  `${o.format}${o.along ? 'along' : 'across'}${o.aligned ? 4 : 1}`;

const pairKey = ({ a, b }: PairForm): string => `${operandKey(a)}-${operandKey(b)}`;

export function productKey(o: ProductForm): string {
  const flags = (['bias', 'residual', 'alignedC'] as const).filter(flag => o[flag]);
  return [pairKey(o), ...(o.second ? ['and', pairKey(o.second)] : []), ...flags].join('-');
}

/** Names of the storage bindings that are read, in order. What is written comes next, the uniform last. */
export function readBindings(o: ProductForm): string[] {
  return [
    ...operandBindings({ name: 'a', format: o.a.format }),
    ...operandBindings({ name: 'b', format: o.b.format }),
    ...(o.second ? ['a2_words', 'b2_words'] : []),
    ...(o.bias ? ['bias'] : []),
    ...(o.residual ? ['residual'] : []),
  ];
}

/** What `readBindings` names. @param form  may leave bias and residual out */
export function readData({ a, b, second, bias, residual }: Product, form: ProductForm): Binding[] {
  return [
    ...a.data,
    ...b.data,
    ...(second ? [second.a, second.b] : []),
    ...(form.bias ? [bias!] : []),
    ...(form.residual ? [residual!] : []),
  ];
}

/**
 * What the uniform begins with. rowsA, rowsB: stored rows from one batch's operand to the next, 0 for one operand for all; add:
 * 1 adds to what C holds; rank, scaling: of the second pair.
 */
export const PRODUCT_FIELDS =
  'M: u32, N: u32, K: u32, rowsA: u32, rowsB: u32, firstRowB: u32, add: u32, rank: u32, scaling: f32';

/** The numbers of `PRODUCT_FIELDS`, as `params` takes them. */
export function productNumbers({ M, N, K, a, b, add, second }: Product): (number | { f32: number })[] {
  return [
    M,
    N,
    K,
    a.batchRows ?? 0,
    b.batchRows ?? 0,
    b.firstRow ?? 0,
    add ? 1 : 0,
    second?.rank ?? 0,
    { f32: second?.scaling ?? 0 },
  ];
}
