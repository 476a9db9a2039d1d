/** tfjs-backend-wasm copies every clone, and every tensor that the tape saves is one: memory and time for nothing. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../internals.ts';

/** A clone shares the data of what it was made of, as on every other backend; nothing writes into a tensor that may have one. */
export function shareClones(): void {
  const own = tf.getKernel(tf.Identity, 'wasm');
  tf.unregisterKernel(tf.Identity, 'wasm');
  tf.registerKernel({
    ...own,
    kernelFunc: options => {
      const { x } = options.inputs as { x: tf.TensorInfo };
      if (x.dtype === 'string') return own.kernelFunc(options);
      (options.backend as WasmBackend).incRef(x.dataId as object);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}
