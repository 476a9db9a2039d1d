/** Packed frozen weights. */
export {
  isQuantized,
  packedBytes,
  rounded,
  roundToHalf,
  scaleBytes,
  WEIGHT_FORMATS,
  type WeightFormat,
} from './format.ts';
export { withHalves } from './half.wgsl.ts';
export { PackedWeight, ROW_ALIGNMENT } from './weight.ts';
export { declareOperand, EIGHT_WGSL, operandBindings, type Operand } from './read.wgsl.ts';
