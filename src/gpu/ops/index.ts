/** Every op that models and trainer call. Each runs its WGSL on webgpu and its reference elsewhere. */
export { adamWStep, type AdamWOptions } from './adamw/op.ts';
export { globalNorm } from './adamw/global-norm.ts';
export { attention, type AttentionOptions } from './attention/op.ts';
export { decodeAttention } from './decode-attention/op.ts';
export { KvCache } from './decode-attention/kv-cache.ts';
export { embed, embedPacked } from './embed/op.ts';
export { gelu } from './gelu/op.ts';
export { layerNorm } from './layer-norm/op.ts';
export { linear, timesTransposed, type LinearOptions, type LoraBranch } from './linear/op.ts';
export { thinLinear, type RawKernel, type ThinOptions } from './linear/raw.ts';
export { type ThinForm } from './linear/thin.wgsl.ts';
export { rmsNorm } from './rms-norm/op.ts';
export { rotary } from './rotary/op.ts';
export { sampleTokens, type SampledTokens, type SampleOptions } from './sample-tokens/op.ts';
export { shortConv } from './short-conv/op.ts';
export { silu } from './silu/op.ts';
export { tokenLogProbs, type TokenLogProbs } from './token-log-probs/op.ts';
export { randomNormal } from './random-normal/op.ts';
