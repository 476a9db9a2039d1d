/** Counts what reaches the GPU, whoever asked for it: dispatches, submits and when they came, and bytes of live buffers. */

let dispatches = 0;
let bytes = 0;
let peak = 0;
/** Of the submits since `resetSubmits`, by performance.now(). */
let submits: number[] = [];

/** Must run before the first device is opened. */
export function installMeter(): void {
  const pass = GPUComputePassEncoder.prototype;
  const dispatch = pass.dispatchWorkgroups;
  pass.dispatchWorkgroups = function (...groups) {
    dispatches++;
    dispatch.apply(this, groups);
  };
  const device = GPUDevice.prototype;
  const create = device.createBuffer;
  device.createBuffer = function (descriptor) {
    const buffer = create.call(this, descriptor);
    bytes += descriptor.size;
    peak = Math.max(peak, bytes);
    return buffer;
  };
  const queue = GPUQueue.prototype;
  const submit = queue.submit;
  queue.submit = function (commands) {
    submit.call(this, commands);
    submits.push(performance.now());
  };
  const live = GPUBuffer.prototype;
  const destroy = live.destroy;
  const destroyed = new WeakSet<GPUBuffer>();
  live.destroy = function () {
    if (!destroyed.has(this)) bytes -= this.size;
    destroyed.add(this);
    destroy.call(this);
  };
}

export function dispatchCount(): number {
  return dispatches;
}

/** When the submits since `resetSubmits` came back, in milliseconds of performance.now(). */
export function submitTimes(): readonly number[] {
  return submits;
}

export function resetSubmits(): void {
  submits = [];
}

/** Bytes of buffers that exist, and the most there have been since `resetPeak`. */
export function gpuBytes(): { live: number; peak: number } {
  return { live: bytes, peak };
}

export function resetPeak(): void {
  peak = bytes;
}
