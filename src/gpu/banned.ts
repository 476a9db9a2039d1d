/** tfjs functions that this project must not call, and why; `npm run check` searches the source for them. */

export interface Ban {
  /** Finds the call in a line of source. */
  pattern: RegExp;
  name: string;
  reason: string;
}

function call(name: string, pattern: RegExp, reason: string): Ban {
  return { name, pattern, reason };
}

export const BANNED: readonly Ban[] = [
  call(
    'dataSync',
    /\.dataSync\s*\(/,
    'reads zeros on webgpu in a worker and then loses the device; await readTensor',
  ),
  call('arraySync', /\.arraySync\s*\(/, 'calls dataSync; await readTensor'),
  call('bufferSync', /\.bufferSync\s*\(/, 'calls dataSync; await readTensor'),
  call('tf.print', /\btf\.print\s*\(/, 'calls dataSync; await readTensor and log that'),
  call(
    'tf.multinomial',
    /\btf\.multinomial\s*\(/,
    'its first draw is always outcome 0 on webgpu; use sampleTokens',
  ),
  call('tf.einsum', /\btf\.einsum\s*\(/, 'has no gradient and materialises the product; use tf.matMul'),
  call(
    'tf.randomNormal',
    /\btf\.randomNormal\s*\(/,
    'is not keyed, so a resumed run differs; use normalArray',
  ),
  call(
    'tf.randomUniform',
    /\btf\.randomUniform\s*\(/,
    'is not keyed, so a resumed run differs; use uniformArray',
  ),
  call(
    'tf.truncatedNormal',
    /\btf\.truncatedNormal\s*\(/,
    'is not keyed, so a resumed run differs; use normalArray',
  ),
  call('tf.topk', /\btf\.topk\s*\(/, 'takes 93 dispatches and has no gradient; sampleTokens has top-k'),
  call('tf.dropout', /\btf\.dropout\s*\(/, 'is not keyed, so a resumed run differs'),
  call(
    'dataToGPU',
    /\.dataToGPU\s*\(/,
    'copies, and throws for tensors not yet uploaded; use GpuBackend.buf',
  ),
];
