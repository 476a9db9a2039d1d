/** The decode plan's kernels. */
export { PAGES_WGSL, RING_WGSL } from './admit.wgsl.ts';
export {
  ATTENTION_BINDINGS,
  stepAttentionGroups,
  stepAttentionKey,
  stepAttentionWgsl,
  type StepAttention,
} from './attention.wgsl.ts';
export { FIELD, FRAME_BYTES, MOST_BUFFERS, MOST_EOS, PAGE, SLOT_WORDS } from './frame.wgsl.ts';
export { computesLow, linearForm, sequencesOf, type LinearForm, type LinearSizes } from './linear-form.ts';
export {
  stepLinearBindings,
  stepLinearGroups,
  stepLinearKey,
  stepLinearWgsl,
  type StepLinear,
} from './linear.wgsl.ts';
export { prepare, record, type Bound, type Recorded } from './recorded.ts';
export {
  embedBindings,
  embedWgsl,
  stepSampleBindings,
  stepSampleGroups,
  stepSampleKey,
  stepSampleWgsl,
  type StepSample,
} from './sample.wgsl.ts';
