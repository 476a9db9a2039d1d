/** The page behind `npm run bench -- engine`. */
import {
  setHalfProducts,
  startBackend,
  type BackendInfo,
  type TileTiming,
  type WeightFormat,
} from '../../../src/gpu/index.ts';
import type { PolicyInfo } from '../../../src/models/policy.ts';
import { installGpuClock } from './gpu-time.ts';
import { measureCeilings, type Ceilings } from './ceilings.ts';
import { measure, type EngineFigures } from './measure.ts';
import { gpuBytes, installMeter } from './meter.ts';
import { samplerDifference, tune } from './prepare.ts';
import { languageParameters, randomPolicy, type Shape } from './shapes.ts';
import type { Work } from './work.ts';

export interface EngineRequest {
  shape: Shape;
  /** Of the frozen matrices. */
  weights: WeightFormat;
  /** One table row each. */
  works: Work[];
}

export interface EngineRow {
  work: Work;
  /** Null where it failed, as by lack of memory. */
  figures: EngineFigures | null;
  /** Largest |difference| of the sampler's and the training path's log-probabilities. */
  samplerDifference: number;
  error: string;
  /** Products that were measured before this work, and what they get now. */
  tiles: TileTiming[];
}

export interface EngineReport {
  device: BackendInfo;
  info: PolicyInfo;
  weightBytes: number;
  /** Weights that every token passes through. */
  languageParameters: number;
  ceilings: Ceilings;
  rows: EngineRow[];
}

declare global {
  interface Window {
    benchEngine?(request: EngineRequest): Promise<EngineReport>;
  }
}

installMeter();
installGpuClock();

window.benchEngine = async ({ shape, weights, works }) => {
  const device = await startBackend('webgpu');
  const ceilings = await measureCeilings();
  console.log(
    `copy ${ceilings.copyGBs.toFixed(0)} GB/s, matmul ${ceilings.matmulSize} f32 ${ceilings.matmulTflops.toFixed(2)} TFLOP/s`,
  );
  const before = gpuBytes().live;
  const policy = await randomPolicy(shape, weights);
  const weightBytes = gpuBytes().live - before;
  const rows: EngineRow[] = [];
  for (const work of works) {
    console.log(
      `batch ${work.batch}, prompt ${work.prompt}, ${work.newTokens} new tokens, rank ${work.rank}, decode ${work.decode}`,
    );
    policy.decodePlan = work.decode === 'plan';
    if (setHalfProducts(work.fp16) !== work.fp16)
      console.log('fp16: not run, this device has no matrix units for it; products are float32');
    policy.gradientCheckpointing = work.checkpointing;
    policy.setTrainable({
      kind: 'lora',
      r: work.rank,
      alpha: 2 * work.rank,
      targets: null,
      useRslora: false,
      seed: 1,
    });
    try {
      const difference = await samplerDifference(policy, work);
      console.log(`sampler against training path: ${difference.toExponential(1)}`);
      const tiles = await tune(policy, work);
      const figures = await measure(policy, work, line => console.log(line));
      rows.push({ work, figures, samplerDifference: difference, error: '', tiles });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      console.log(`failed: ${message}`);
      rows.push({ work, figures: null, samplerDifference: NaN, error: message, tiles: [] });
    }
  }
  const { info } = policy;
  policy.dispose();
  return {
    device,
    info,
    weightBytes,
    languageParameters: languageParameters(shape),
    ceilings,
    rows,
  };
};
