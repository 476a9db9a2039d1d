/** Records a product on a packed weight by the device's matrix units: the left side as float16, sums in float32. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuBackend, type GpuBackend } from '../../backend.ts';
import { params } from '../../fused.ts';
import { computeUnits } from './compute-units.ts';
import { halfRowsKey, halfRowsWgsl } from './half-rows.wgsl.ts';
import {
  halfTileBytes,
  halfTileKey,
  halfTileWgsl,
  HALF_COLUMNS,
  type HalfForm,
  type HalfVariant,
} from './half-tile.wgsl.ts';
import type { Product } from './operands.ts';

/** What products get. On an H200 the large one is the fastest of those that were so in every product (docs/performance.md). */
const LARGE: HalfForm = { tileM: 128, tileN: 128, threads: 128, step: 32, buffers: 1 };
const SMALL: HalfForm = { tileM: 64, tileN: 64, threads: 128, step: 32, buffers: 1 };

/** What `npm run bench -- kernels --size large --filter halves` compares. */
export const HALF_FORMS: readonly HalfForm[] = [
  LARGE,
  { ...LARGE, buffers: 2 },
  { ...LARGE, step: 64 },
  { ...LARGE, threads: 256 },
  { ...LARGE, threads: 256, buffers: 2 },
  { ...LARGE, threads: 256, step: 64 },
  { ...LARGE, tileM: 256, threads: 256 },
  { ...LARGE, tileN: 256, threads: 256 },
  { ...LARGE, tileM: 64 },
  { ...SMALL, buffers: 2 },
  { ...SMALL, step: 64 },
  SMALL,
];

/** Rows that `halves` is made for: whole tiles of any form. */
const ROWS = 256;

const upTo = (count: number, step: number): number => Math.ceil(count / step) * step;

/** Bytes that rows of a product take as float16; a run's largest product decides what is held. */
export function halfRowsBytes(rows: number, columns: number): number {
  return upTo(rows, ROWS) * upTo(columns, HALF_COLUMNS) * 2;
}

/**
 * Where the rows of the product at hand lie: one buffer for all, and none for each product. It
 * grows, and stays while halves are wanted.
 */
const rooms = new WeakMap<GpuBackend, GPUBuffer>();
const wanting = new WeakSet<GpuBackend>();

/**
 * Whether layers on packed weights multiply many rows as float16 from now on.
 * @returns whether they do: a device without such matrix units goes on in float32
 */
export function setHalfProducts(wanted: boolean): boolean {
  const gpu = gpuBackend();
  if (!gpu) return false;
  if (wanted && gpu.gpu.half.matrices) wanting.add(gpu);
  else {
    wanting.delete(gpu);
    leaveRoom(gpu);
  }
  return wanting.has(gpu);
}

/** Whether this device has what `setHalfProducts` wants. */
export function canHalveProducts(): boolean {
  return Boolean(gpuBackend()?.gpu.half.matrices);
}

export const halfProducts = (gpu: GpuBackend): boolean => wanting.has(gpu);

function leaveRoom(gpu: GpuBackend): void {
  const room = rooms.get(gpu);
  if (!room) return;
  gpu.flush();
  gpu.freeBuffer(room);
  rooms.delete(gpu);
}

function roomFor(gpu: GpuBackend, bytes: number): GPUBuffer {
  const room = rooms.get(gpu);
  if (room && room.size >= bytes) return room;
  leaveRoom(gpu);
  const made = gpu.createBuffer(bytes, 'rows as float16');
  rooms.set(gpu, made);
  return made;
}

/** Whether the product is one that matrix units take: float32 rows with a packed weight, one batch, few enough bindings. */
export function takesHalves(gpu: GpuBackend, o: Product): boolean {
  const { a, b, batch = 1 } = o;
  return (
    gpu.gpu.half.matrices !== null &&
    (a.format ?? 'f32') === 'f32' &&
    !a.along &&
    b.format !== undefined &&
    b.format !== 'f32' &&
    !b.firstRow &&
    batch === 1 &&
    bindings(o) <= gpu.gpu.limits.maxStorageBuffersPerShaderStage &&
    fitsDevice(gpu, SMALL, b.along)
  );
}

/** Rows and their scales, the weight, what is added, and the result. */
const bindings = ({ b, second, bias, residual }: Product): number =>
  3 + b.data.length + (second ? 2 : 0) + (bias ? 1 : 0) + (residual ? 1 : 0);

/** out = a b (+ scaling · a2 b2) (+ bias) (+ residual), for what `takesHalves`. */
export function recordHalf(gpu: GpuBackend, o: Product, form = chooseForm(gpu, o)): void {
  const { M, N, K } = o;
  const { halves, scales } = recordRows(gpu, o);
  const variant: HalfVariant = {
    form,
    unit: gpu.gpu.half.matrices!,
    format: o.b.format as HalfVariant['format'],
    along: o.b.along,
    alignedC: N % 4 === 0,
    second: o.second && {
      along: o.second.along,
      aligned: (o.second.along ? N : o.second.rank) % 4 === 0,
    },
    bias: o.bias !== undefined,
    residual: o.residual !== undefined,
    memory: gpu.gpu.limits.maxComputeWorkgroupStorageSize,
  };
  gpu.dispatch(
    halfTileKey(variant),
    () => halfTileWgsl(variant),
    [
      halves,
      scales,
      ...o.b.data,
      ...(o.second ? [o.second.a, o.second.b] : []),
      ...(o.bias ? [o.bias] : []),
      ...(o.residual ? [o.residual] : []),
      o.out,
    ],
    params(M, N, K, o.add ? 1 : 0, o.second?.rank ?? 0, { f32: o.second?.scaling ?? 0 }),
    [Math.ceil(N / form.tileN), Math.ceil(M / form.tileM), 1],
  );
  gpu.disposeData(scales.dataId);
}

function recordRows(gpu: GpuBackend, { M, K, a }: Product): { halves: GPUBuffer; scales: tf.TensorInfo } {
  const rows = upTo(M, ROWS);
  const halves = roomFor(gpu, halfRowsBytes(M, K));
  const scales = gpu.alloc([rows]);
  const variant = { aligned: K % 4 === 0, step: HALF_COLUMNS };
  gpu.dispatch(halfRowsKey(variant), () => halfRowsWgsl(variant), [...a.data, halves, scales], params(M, K), [
    rows,
    1,
    1,
  ]);
  return { halves, scales };
}

/** The large tile where it gives every compute unit one and the device has the memory for it, else the small one. */
export function chooseForm(gpu: GpuBackend, { M, N, b }: Pick<Product, 'M' | 'N' | 'b'>): HalfForm {
  const tiles = Math.ceil(M / LARGE.tileM) * Math.ceil(N / LARGE.tileN);
  const enough = tiles >= computeUnits(gpu.gpu.adapterInfo);
  return enough && fitsDevice(gpu, LARGE, b.along) ? LARGE : SMALL;
}

export function fitsDevice(gpu: GpuBackend, form: HalfForm, along: boolean): boolean {
  const { half, limits } = gpu.gpu;
  const unit = half.matrices!;
  return (
    form.threads % unit.subgroup === 0 &&
    halfTileBytes({ form, unit, along }) <= limits.maxComputeWorkgroupStorageSize
  );
}
