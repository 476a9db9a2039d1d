/** The page behind `npm run bench -- kernels`: speeds, or the kernels' tests with `--check`. */
import { benchKernels, startBackend, type BackendInfo, type KernelTiming } from '../../../src/gpu/index.ts';
import { checkKernels, type CheckedTest } from './check.ts';
import { benchLarge } from './large.ts';
import type { LargeReport } from './report.ts';

export interface KernelReply {
  info: BackendInfo;
  checks?: CheckedTest[];
  small?: KernelTiming[];
  large?: LargeReport;
}

export interface KernelRequest {
  backend: 'webgpu' | 'wasm';
  size: 'small' | 'large';
  check: boolean;
  filter: string;
}

declare global {
  interface Window {
    benchKernels?(request: KernelRequest): Promise<KernelReply>;
  }
}

window.benchKernels = async ({ backend, size, check, filter }) => {
  const info = await startBackend(backend);
  if (check) return { info, checks: await checkKernels(filter) };
  if (size === 'large') return { info, large: await benchLarge(filter) };
  return { info, small: await benchKernels() };
};
