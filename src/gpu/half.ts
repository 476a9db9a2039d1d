/** What a device can do with float16, found once when it is opened; kernels ask nobody else. */

/** Products of small matrices that a subgroup computes at once: float16 · float16, summed in float32. */
export interface MatrixUnit {
  /** Of the left matrix, and of the result. */
  rows: number;
  /** Of the right matrix, and of the result. */
  columns: number;
  /** Summed over. */
  depth: number;
  /** Threads of a subgroup. */
  subgroup: number;
}

export interface HalfSupport {
  /** Kernels may read and compute float16 (`shader-f16`). */
  native: boolean;
  /** Null where there is none that sums in float32: Dawn has none of Metal's, and NVIDIA's need `shader-f16`. */
  matrices: MatrixUnit | null;
  /** Why `matrices` is null; '' where it is not. */
  missing: string;
}

/** Chromium's experimental part of GPUAdapterInfo. */
interface MatrixInfo {
  subgroupMinSize?: number;
  subgroupMaxSize?: number;
  subgroupMatrixConfigs?: Iterable<MatrixConfig>;
}

interface MatrixConfig {
  componentType: string;
  resultComponentType: string;
  M: number;
  N: number;
  K: number;
}

const NEEDED = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];

/** Directives of a module with matrices. Where a subgroup's offsets are uniform in it alone, WGSL cannot see that they are. */
export const MATRIX_DIRECTIVES = `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
`;

export async function halfSupport(device: GPUDevice, info: GPUAdapterInfo): Promise<HalfSupport> {
  const native = device.features.has('shader-f16');
  const absent = NEEDED.filter(name => !device.features.has(name));
  if (absent.length > 0)
    return { native, matrices: null, missing: `the adapter has no ${absent.join(', no ')}` };
  const { subgroupMinSize: least, subgroupMaxSize: subgroup, subgroupMatrixConfigs } = info as MatrixInfo;
  // A workgroup would not know how many subgroups it has.
  if (!subgroup || least !== subgroup)
    return {
      native,
      matrices: null,
      missing: `the adapter's subgroups have ${least} to ${subgroup} threads`,
    };
  const configs = [...(subgroupMatrixConfigs ?? [])];
  const unit = largestUnit(configs, subgroup);
  if (!unit) {
    const list = configs.map(c => `${c.componentType} to ${c.resultComponentType} ${c.M}x${c.N}x${c.K}`);
    return {
      native,
      matrices: null,
      missing: `of subgroup matrices the adapter has ${list.join(', ') || 'none'}`,
    };
  }
  const problem = await compileProblem(device, unit);
  return { native, matrices: problem ? null : unit, missing: problem };
}

function largestUnit(configs: MatrixConfig[], subgroup: number): MatrixUnit | null {
  const units = configs
    .filter(
      ({ componentType, resultComponentType }) => componentType === 'f16' && resultComponentType === 'f32',
    )
    .map(({ M, N, K }) => ({ rows: M, columns: N, depth: K, subgroup }))
    .filter(({ rows, columns, depth }) => [rows, columns, depth].every(n => n % 4 === 0 && 32 % n === 0));
  const size = (u: MatrixUnit): number => u.rows * u.columns * u.depth;
  return units.reduce<MatrixUnit | null>(
    (best, unit) => (best && size(best) >= size(unit) ? best : unit),
    null,
  );
}

/** '' where this browser's WGSL has the built-in functions as the kernels call them: they are no standard, and changed before. */
async function compileProblem(
  device: GPUDevice,
  { rows, columns, depth, subgroup }: MatrixUnit,
): Promise<string> {
  const code = `${MATRIX_DIRECTIVES}
@group(0) @binding(0) var<storage, read_write> out: array<vec4<f32>>;
var<workgroup> halves: array<vec4<f16>, 1024>;
@compute @workgroup_size(${subgroup}) fn main(@builtin(subgroup_id) id: u32) {
  var sum = subgroup_matrix_result<f32, ${columns}, ${rows}>();
  let a = subgroupMatrixLoad<subgroup_matrix_left<f16, ${depth}, ${rows}>, row_major>(&halves, id, 16u);
  let b = subgroupMatrixLoad<subgroup_matrix_right<f16, ${columns}, ${depth}>, col_major>(&halves, id, 16u);
  sum = subgroupMatrixMultiplyAccumulate(a, b, sum);
  subgroupMatrixStore<row_major>(&out, 0u, sum, 16u);
}`;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: 'matrices', code });
  const rejected = await device
    .createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } })
    .then(() => '')
    .catch((error: unknown) => String(error));
  const error = await device.popErrorScope();
  return error?.message ?? rejected;
}
