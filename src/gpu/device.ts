/** Our own GPUDevice: every limit the adapter has, the optional features we can use, and no error unseen. */
import { GpuError } from './errors.ts';
import { halfSupport, type HalfSupport } from './half.ts';

const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query', 'chromium-experimental-subgroup-matrix'];

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Remembers the first error of a device until someone asks. */
export class DeviceErrors {
  #first: GpuError | null = null;
  #lost: GpuError | null = null;

  get lost(): boolean {
    return this.#lost !== null;
  }

  record(error: GpuError): void {
    if (error.code === 'device-lost') this.#lost ??= error;
    else this.#first ??= error;
  }

  /** Throws the first error since the last call; a lost device stays lost. */
  throwFirst(): void {
    const error = this.#first ?? this.#lost;
    this.#first = null;
    if (error) throw error;
  }
}

export interface GpuDevice {
  device: GPUDevice;
  adapterInfo: GPUAdapterInfo;
  name: string;
  software: boolean;
  features: string[];
  half: HalfSupport;
  limits: Record<string, number>;
  errors: DeviceErrors;
}

/**
 * Opens the fast adapter with all it offers.
 * @throws {GpuError} `no-webgpu` when the browser has no WebGPU, `no-adapter` when it has no GPU it would lend.
 */
export async function openDevice(): Promise<GpuDevice> {
  if (!('gpu' in navigator) || !navigator.gpu) {
    throw new GpuError('no-webgpu', {
      message:
        'This browser has no WebGPU. Use Chrome or Edge 121 or later, Safari 26 or Firefox 141, over https or on localhost.',
    });
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new GpuError('no-adapter', {
      message:
        'WebGPU is there, but the browser offers no GPU adapter. Turn on hardware acceleration in its settings, or update the graphics driver.',
    });
  }
  const requiredFeatures = FEATURES.filter(name => adapter.features.has(name)) as GPUFeatureName[];
  const limits = Object.fromEntries(LIMITS.map(name => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits: limits });
  const errors = new DeviceErrors();
  watch(device, errors);
  const info = adapter.info;
  return {
    device,
    adapterInfo: info,
    name: [info.vendor, info.architecture, info.description].filter(Boolean).join(' ') || 'unnamed GPU',
    software: SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.description}`),
    features: requiredFeatures,
    half: await halfSupport(device, info),
    limits,
    errors,
  };
}

function watch(device: GPUDevice, errors: DeviceErrors): void {
  device.addEventListener('uncapturederror', event => {
    event.preventDefault();
    const { error } = event;
    errors.record(
      error instanceof GPUOutOfMemoryError
        ? new GpuError('out-of-memory', {
            message: `The GPU ran out of memory. Lower activation_memory_mb or frames, turn gradient_checkpointing on, or choose a smaller model. (${error.message})`,
            cause: error,
          })
        : new GpuError('invalid-dispatch', {
            message: `The GPU rejected a command, so its results would read as zeros: ${error.message}`,
            cause: error,
          }),
    );
  });
  void device.lost.then(lost => {
    errors.record(
      new GpuError('device-lost', {
        message: `The GPU device was lost (${lost.message || 'no reason given'}). Everything on it is gone; resume the run from its last checkpoint.`,
      }),
    );
  });
}
