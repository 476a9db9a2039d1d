/** Forward and backward, the optimizer, and a whole GRPO step with its parts, timed. */
import { DEFAULT_CONFIG } from '../../../src/config.ts';
import { checkGpu, trimPool } from '../../../src/gpu/index.ts';
import type { Prompt } from '../../../src/models/policy.ts';
import { Optimizer } from '../../../src/trainer/optimizer.ts';
import type { Row } from '../../../src/trainer/rows.ts';
import { readScores } from '../../../src/trainer/score.ts';
import { dispatchCount, gpuBytes, resetPeak } from './meter.ts';
import { median, ms, timed, timedPass, type PassTime } from './timing.ts';
import type { Workload } from './work.ts';

export interface TrainingFigures {
  loraForwardBackwardMs: number;
  loraForwardBackward: PassTime;
  loraForwardBackwardDispatches: number;
  optimizerMs: number;
  grpoStepMs: number;
  grpoGenerateMs: number;
  grpoScoreMs: number;
  grpoUpdateMs: number;
  grpoDispatches: number;
  peakTrainBytes: number;
}

/** @param look  is given what is timed once more, for the GPU's own time */
export async function measureTraining(
  load: Workload,
  look: (part: 'loraForwardBackward' | 'grpoStep', work: () => unknown) => Promise<void>,
  progress: (line: string) => void,
): Promise<TrainingFigures> {
  const { policy, work } = load;
  const { batch, rounds, group } = work;
  trimPool();
  resetPeak();
  const optimizer = new Optimizer(policy.trainable(), DEFAULT_CONFIG);
  const freshRows = (): Row[] => load.randomRows(load.distinct(batch));
  let forwardBackwardDispatches = 0;
  const forwardBackward = await timedPass(
    rounds,
    rows => {
      const before = dispatchCount();
      load.backward(optimizer, rows);
      forwardBackwardDispatches = dispatchCount() - before;
    },
    freshRows,
  );
  const rows = freshRows();
  await look('loraForwardBackward', () => load.backward(optimizer, rows));
  progress(`LoRA forward and backward: ${ms(forwardBackward.wall)}`);
  const optimizing = await timed(rounds, async () => {
    await optimizer.apply(0, []);
  });
  progress(`optimizer: ${ms(optimizing)}`);
  const parts = { generate: [] as number[], score: [] as number[], update: [] as number[] };
  let dispatches = 0;
  const grpoStep = async (prompts: Prompt[]): Promise<void> => {
    const first = dispatchCount();
    const lap = clock();
    const rows = await sampledRows(load, prompts);
    parts.generate.push(await lap());
    const reference = await readScores(policy, rows, 1, load.budget, { adapter: false });
    rows.forEach((row, i) => (row.refLogps = reference[i].logps));
    parts.score.push(await lap());
    load.backward(optimizer, rows);
    await optimizer.apply(1e-6, []);
    parts.update.push(await lap());
    dispatches = dispatchCount() - first;
  };
  const step = await timed(rounds, grpoStep, () => load.groups(batch, group));
  const peakTrainBytes = gpuBytes().peak;
  const [grpoGenerateMs, grpoScoreMs, grpoUpdateMs] = Object.values(parts).map(median);
  const prompts = load.groups(batch, group);
  await look('grpoStep', () => grpoStep(prompts));
  optimizer.dispose();
  trimPool();
  return {
    loraForwardBackwardMs: 1000 * forwardBackward.wall,
    loraForwardBackward: forwardBackward,
    loraForwardBackwardDispatches: forwardBackwardDispatches,
    optimizerMs: 1000 * optimizing,
    grpoStepMs: 1000 * step,
    grpoGenerateMs,
    grpoScoreMs,
    grpoUpdateMs,
    grpoDispatches: dispatches,
    peakTrainBytes,
  };
}

async function sampledRows(load: Workload, prompts: Prompt[]): Promise<Row[]> {
  const samples = await load.sample(prompts, load.work.newTokens);
  return samples.map(({ prompt, completionIds, logps }, i) => ({
    sequence: { prompt, completion: completionIds },
    advantage: i % 2 ? 1 : -1,
    samplerLogps: logps,
    oldLogps: null,
    refLogps: null,
    samplingRatio: null,
    trained: true,
  }));
}

/** Milliseconds since the last call, the GPU idle at both. */
function clock(): () => Promise<number> {
  let last = performance.now();
  return async () => {
    await checkGpu();
    const now = performance.now();
    const lap = now - last;
    last = now;
    return lap;
  };
}
