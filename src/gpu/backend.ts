/** tfjs's WebGPU backend with our own passes in its command encoder, its bugs patched, and its memory bounded. */
import * as tf from '@tensorflow/tfjs-core';
import { WebGPUBackend, type WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu/dist/webgpu';
import '@tensorflow/tfjs-backend-webgpu/dist/flags_webgpu';
import '@tensorflow/tfjs-backend-webgpu/dist/register_all_kernels';
import type { GpuDevice } from './device.ts';
import { GpuError } from './errors.ts';
import { assertWebGpuInternals, tensorOf, webGpuInternals, type WebGpuInternals } from './internals.ts';
import { NumbersArena, placeUniforms, type Slice } from './patches/arena.ts';
import { rememberBindGroups } from './patches/bind-groups.ts';
import { withCumKey } from './patches/cumsum-key.ts';
import { withHalves } from './packed/half.wgsl.ts';
import { rememberLayouts } from './patches/layouts.ts';
import { assertBytesFit, assertTensorFits, explainDispatchLimit } from './patches/limits.ts';
import { BufferPool } from './patches/pool.ts';
import { releaseAtOnce } from './patches/release.ts';

/** What a shader's binding can be: a tensor, part of one, a raw buffer, or numbers to upload for this dispatch alone. */
export type Binding =
  | tf.TensorInfo
  | { tensor: tf.TensorInfo; offset: number; size: number }
  | { buffer: GPUBuffer; offset: number; size: number }
  | GPUBuffer
  | Uint32Array
  | Int32Array
  | Float32Array;

/** Bytes of a uniform or a read-only storage buffer that lives for one dispatch. */
type Numbers = Uint32Array | Int32Array | Float32Array | DataView | ArrayBuffer;

/** Tensors up to this size are uploaded by way of the arena; tfjs maps a new buffer for each. */
const MOST_STAGED = 2 ** 22;

/** What tfjs makes tensors' buffers for. */
const tensorUsage = (): GPUBufferUsageFlags =>
  GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

export class GpuBackend extends WebGPUBackend {
  readonly gpu: GpuDevice;
  /** How float16 is read is the device's, but for tests that compare both ways. */
  readonly #pipelines = {
    plain: new Map<string, GPUComputePipeline>(),
    halves: new Map<string, GPUComputePipeline>(),
  };
  readonly #inner: WebGpuInternals;
  readonly #arena: NumbersArena;
  readonly #pool: BufferPool;
  #ownBytes = 0;
  #peakUsed = 0;

  constructor(gpu: GpuDevice) {
    super(gpu.device, gpu.adapterInfo);
    this.gpu = gpu;
    this.#inner = webGpuInternals(this);
    assertWebGpuInternals(this);
    const { minUniformBufferOffsetAlignment, minStorageBufferOffsetAlignment } = gpu.device.limits;
    this.#arena = new NumbersArena(
      this.#inner,
      Math.max(minUniformBufferOffsetAlignment, minStorageBufferOffsetAlignment),
    );
    placeUniforms(this.#inner, this.#arena);
    releaseAtOnce(this.#inner);
    rememberLayouts(gpu.device);
    rememberBindGroups(gpu.device);
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
    this.#pool = new BufferPool(gpu.device, Math.min(maxBufferSize, maxStorageBufferBindingSize), used => {
      if (used > this.#peakUsed) this.#peakUsed = used;
    });
    this.#inner.bufferManager = this.#pool;
  }

  /** True on SwiftShader and its like, where barriers are dear and registers cheap. */
  get software(): boolean {
    return this.gpu.software;
  }

  /** The tensor's own buffer, uploaded first if need be; no copy. */
  buf(tensor: tf.TensorInfo): GPUBuffer {
    this.uploadToGPU(tensor.dataId);
    const { resource } = this.#inner.tensorMap.get(tensor.dataId);
    if (!(resource instanceof GPUBuffer)) {
      throw new GpuError('invalid-dispatch', {
        message: `A tensor of shape [${tensor.shape}] has no GPU buffer.`,
      });
    }
    return resource;
  }

  /** Must follow every in-place write: tfjs keeps a CPU copy after `data()` and would return the old values. */
  touched(tensor: tf.TensorInfo): void {
    const data = this.#inner.tensorMap.get(tensor.dataId);
    if (data.resource) data.values = null;
  }

  /** A pooled buffer as a tensor. It is not zeroed: the kernel must write all of it. */
  alloc(shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.TensorInfo {
    const info = this.makeTensorInfo(shape, dtype);
    assertTensorFits(shape, dtype, this.gpu.limits);
    const bytes = 4 * tf.util.sizeFromShape(shape);
    this.#inner.tensorMap.get(info.dataId).resource = this.#pool.acquireBuffer(bytes, tensorUsage());
    return info;
  }

  /** `alloc`, as a tensor that the engine tracks. */
  tensor<R extends tf.Rank>(shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor<R> {
    return tensorOf<R>(this.alloc(shape, dtype));
  }

  /**
   * Records one compute dispatch after everything that tfjs has recorded so far.
   *
   * @param key  names the pipeline; must differ whenever `code` differs.
   * @param code  a whole WGSL module with entry point `main`, bindings 0… in group 0, all of them used.
   * @param params  goes to the next binding, as a uniform; null for none.
   * @throws {GpuError} `limit-exceeded` when a dimension has too many workgroups.
   */
  dispatch(
    key: string,
    code: string | (() => string),
    bindings: Binding[],
    params: Numbers | null,
    groups: [number, number, number],
  ): void {
    const most = this.gpu.limits.maxComputeWorkgroupsPerDimension;
    const [x, y, z] = groups;
    if (x > most || y > most || z > most) {
      throw new GpuError('limit-exceeded', {
        message: `${key}: ${groups.join(' × ')} workgroups, but this GPU takes ${most} a dimension. Use smaller batches.`,
      });
    }
    if (x < 1 || y < 1 || z < 1) return;
    const pipeline = this.pipeline(key, code);
    const entries = bindings.map((binding, i) => ({ binding: i, resource: this.#resource(binding) }));
    if (params) entries.push({ binding: entries.length, resource: this.#place(params) });
    const bindGroup = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const inner = this.#inner;
    inner.ensureCommandEncoderReady();
    inner.computePassEncoder ??= inner.commandEncoder!.beginComputePass();
    const pass = inner.computePassEncoder;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(x, y, z);
    inner.dispatchCountInPass++;
    if (inner.dispatchCountInPass >= tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) this.flush();
  }

  /** Submits what is recorded. */
  flush(): void {
    if (!this.#inner.commandEncoder) return;
    this.#inner.endComputePassEncoder();
    this.#inner.submitQueue();
  }

  /** True once the device is gone, and with it every tensor. */
  get lost(): boolean {
    return this.gpu.errors.lost;
  }

  /** Submits, waits until the device has judged it, and throws the first error since the last check. */
  async check(): Promise<void> {
    this.flush();
    if (!this.lost) {
      // The answer to a scope comes after the errors of everything before it.
      this.device.pushErrorScope('validation');
      await this.device.popErrorScope().catch(() => null);
      await this.queue.onSubmittedWorkDone().catch(() => null);
    }
    this.gpu.errors.throwFirst();
  }

  /** Tensors and their pool, and buffers made by `createBuffer`. */
  bytes(): { used: number; allocated: number } {
    const { numBytesUsed, numBytesAllocated } = this.#pool;
    return { used: numBytesUsed + this.#ownBytes, allocated: numBytesAllocated + this.#ownBytes };
  }

  /**
   * A zeroed storage buffer outside tfjs's pool, counted by `bytes`; free it with `freeBuffer`.
   * @param bytes  rounded up to whole words.
   * @throws {GpuError} `limit-exceeded` when the adapter cannot make or bind it.
   */
  createBuffer(bytes: number, label: string, usage = 0): GPUBuffer {
    assertBytesFit(bytes, label, this.gpu.limits);
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.device.createBuffer({ label, size, usage: STORAGE | COPY_SRC | COPY_DST | usage });
    this.#ownBytes += size;
    return buffer;
  }

  /** Destroys a buffer of `createBuffer`. Commands that were recorded but not submitted must not need it. */
  freeBuffer(buffer: GPUBuffer): void {
    this.#ownBytes -= buffer.size;
    buffer.destroy();
  }

  /** Destroys idle pooled buffers, large ones first, until at most `keepBytes` are idle. tfjs itself never frees any. */
  trim(keepBytes = 0): void {
    this.flush();
    this.#pool.trim(keepBytes);
  }

  /**
   * Destroys idle buffers beyond what the busiest moment since the last call had in use, and a quarter more: a loop of like
   * steps then finds its buffers again, and one large step does not hold its memory for ever. Steps whose sizes vary find
   * theirs only with about as much again (256 prompts of any lengths made 1.3 GB a step anew, and take up to `idleBytes`).
   */
  settle(idleBytes: number): void {
    const { numBytesUsed } = this.#pool;
    const peak = this.#peakUsed;
    this.trim(Math.max(0, peak + Math.max(peak / 4, Math.min(peak, idleBytes)) - numBytesUsed));
    this.#peakUsed = numBytesUsed;
  }

  /** The tensor's values alone: its buffer may be longer. */
  override async read(dataId: object): Promise<tf.BackendValues> {
    const values = (await super.read(dataId)) as tf.TypedArray;
    const data = this.#inner.tensorMap.get(dataId);
    const size = tf.util.sizeFromShape(data.shape);
    if (values.length === size) return values;
    const own = values.slice(0, size);
    if (data.values) data.values = own;
    return own;
  }

  override uploadToGPU(dataId: tf.DataId): void {
    const data = this.#inner.tensorMap.get(dataId);
    if (data.resource) return;
    assertTensorFits(data.shape, data.dtype, this.gpu.limits);
    const { values, dtype, shape } = data;
    const bytes = 4 * tf.util.sizeFromShape(shape);
    const staged = values && bytes > 0 && bytes <= MOST_STAGED;
    if (!staged || (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool'))
      return super.uploadToGPU(dataId);
    const Numbers = dtype === 'float32' ? Float32Array : Int32Array;
    const slice = this.#place(values instanceof Numbers ? values : Numbers.from(values));
    const inner = this.#inner;
    data.resource = this.#pool.acquireBuffer(bytes, tensorUsage());
    data.values = null;
    inner.ensureCommandEncoderReady();
    inner.endComputePassEncoder();
    inner.commandEncoder!.copyBufferToBuffer(slice.buffer, slice.offset, data.resource, 0, bytes);
  }

  override runWebGPUProgram(
    program: WebGPUProgram,
    inputs: tf.TensorInfo[],
    outputDtype: tf.DataType,
    uniforms?: { type: string; data: number[] }[],
    output?: tf.TensorInfo,
  ): tf.TensorInfo {
    withCumKey(program);
    return explainDispatchLimit(program.constructor.name, () =>
      super.runWebGPUProgram(program, inputs, outputDtype, uniforms, output),
    );
  }

  /** A compiled module, made on first use. @param key  must differ whenever `code` differs */
  pipeline(key: string, code: string | (() => string)): GPUComputePipeline {
    const known = this.#pipelines[this.gpu.half.native ? 'halves' : 'plain'];
    let pipeline = known.get(key);
    if (!pipeline) {
      const module = this.shader(key, typeof code === 'string' ? code : code());
      pipeline = this.device.createComputePipeline({
        label: key,
        layout: 'auto',
        compute: { module, entryPoint: 'main' },
      });
      known.set(key, pipeline);
    }
    return pipeline;
  }

  /** A module, its float16 read as the device can. */
  shader(label: string, code: string): GPUShaderModule {
    return this.device.createShaderModule({ label, code: withHalves(code, this.gpu.half.native) });
  }

  #resource(binding: Binding): { buffer: GPUBuffer; offset?: number; size?: number } {
    if (binding instanceof GPUBuffer) return { buffer: binding };
    if (ArrayBuffer.isView(binding)) return this.#place(binding);
    // A tfjs tensor has a `buffer` too, a method.
    if ('offset' in binding && 'buffer' in binding) return binding;
    const tensor = 'tensor' in binding ? binding.tensor : binding;
    const buffer = this.buf(tensor);
    return 'tensor' in binding ? { buffer, offset: binding.offset, size: binding.size } : { buffer };
  }

  #place(numbers: Numbers): Slice {
    if (numbers instanceof ArrayBuffer) return this.#arena.place(new Uint8Array(numbers));
    if (!(numbers instanceof DataView)) return this.#arena.place(numbers);
    return this.#arena.place(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
}

/** The WebGPU backend when it is the current one, else null: every op asks this to choose its path. */
export function gpuBackend(): GpuBackend | null {
  const backend = tf.backend();
  return backend instanceof GpuBackend ? backend : null;
}
