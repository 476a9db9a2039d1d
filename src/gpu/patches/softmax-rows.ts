/** tfjs-backend-webgpu's softmax writes out of bounds past 65,535 rows (wrong on SwiftShader); this splits the rows. */
import * as tf from '@tensorflow/tfjs-core';

const MOST_ROWS = 65_535;

/** Replaces the kernel with one that calls it on at most 65,535 rows at a time. */
export function patchSoftmaxRows(): void {
  const stock = tf.getKernel('Softmax', 'webgpu');
  const slice = tf.getKernel('Slice', 'webgpu').kernelFunc;
  const concat = tf.getKernel('Concat', 'webgpu').kernelFunc;
  tf.unregisterKernel('Softmax', 'webgpu');
  tf.registerKernel({
    ...stock,
    kernelFunc: args => {
      const { inputs, backend, attrs } = args;
      const logits = inputs.logits as tf.TensorInfo;
      const cols = logits.shape[Number(attrs?.dim)];
      const rows = tf.util.sizeFromShape(logits.shape) / cols;
      if (rows <= MOST_ROWS) return stock.kernelFunc(args);
      const x = { ...logits, shape: [rows, cols] };
      const parts: tf.TensorInfo[] = [];
      for (let row = 0; row < rows; row += MOST_ROWS) {
        const size = [Math.min(MOST_ROWS, rows - row), cols];
        const part = slice({ inputs: { x }, backend, attrs: { begin: [row, 0], size } }) as tf.TensorInfo;
        parts.push(
          stock.kernelFunc({ inputs: { logits: part }, backend, attrs: { dim: 1 } }) as tf.TensorInfo,
        );
        disposeInfo(backend, part);
      }
      // Concat reads its inputs as an array, whatever the type says.
      const inputsOfConcat = parts as unknown as tf.NamedTensorInfoMap;
      const out = concat({ inputs: inputsOfConcat, backend, attrs: { axis: 0 } }) as tf.TensorInfo;
      for (const part of parts) disposeInfo(backend, part);
      return { ...out, shape: logits.shape };
    },
  });
}

function disposeInfo(backend: unknown, info: tf.TensorInfo): void {
  (backend as tf.KernelBackend).disposeData(info.dataId);
}
