/** What can go wrong on a GPU or in its fallback, typed, so that the page can say what to do. */
import { CodedError } from '../errors.ts';

export type GpuErrorCode =
  | 'no-webgpu'
  | 'no-adapter'
  | 'device-lost'
  | 'out-of-memory'
  | 'invalid-dispatch'
  | 'limit-exceeded'
  | 'no-wasm';

export class GpuError extends CodedError {
  override readonly name = 'GpuError';
  declare readonly code: GpuErrorCode;

  constructor(code: GpuErrorCode, options: { message: string; cause?: unknown }) {
    super(code, options);
  }
}
