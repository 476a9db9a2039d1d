/** The engine bench's figures as text, each beside what the device could do at best. */
import type { KernelTime } from './gpu-time.ts';
import type { EngineReport, EngineRow } from './page.ts';
import type { PassTime } from './timing.ts';

const MIB = 2 ** 20;

/** What comes after these takes no time worth naming. */
const MOST_KERNELS = 24;

export function printReport(shape: string, report: EngineReport): void {
  const { device, info, ceilings, weightBytes, rows } = report;
  console.log(`\n${shape}: ${info.parameters} parameters, weights ${(weightBytes / MIB).toFixed(0)} MiB`);
  console.log(
    `${device.name}${device.software ? ' (software)' : ''}; features: ${device.features.join(' ')}`,
  );
  console.log(
    `ceilings of this run: copy ${ceilings.copyGBs.toFixed(1)} GB/s, f32 matmul ${ceilings.matmulSize} ${ceilings.matmulTflops.toFixed(2)} TFLOP/s`,
  );
  if (rows.length <= 2) for (const row of rows) printOne(row, report);
  else printTable(rows);
}

function printOne({ work, figures, error, samplerDifference, tiles }: EngineRow, report: EngineReport): void {
  console.log(
    `batch ${work.batch}, prompt ${work.prompt} (${work.imageTokens} of them image), ${work.newTokens} new tokens, LoRA rank ${work.rank}, decode ${work.decode}${work.checkpointing ? ', layers computed again for the gradient' : ''}${work.fp16 ? ', fp16' : ''}`,
  );
  if (!figures) {
    console.log(`failed: ${error}`);
    return;
  }
  const { ceilings } = report;
  const line = (name: string, value: number, unit: string, note = ''): void =>
    console.log(`  ${name.padEnd(44)} ${value.toFixed(2).padStart(10)} ${unit}${note && `  (${note})`}`);
  const share = (part: number): string => `${(100 * part).toFixed(0)}%`;
  // One pass over the language model's weights is the least that a decode step can read.
  const bytes = (report.weightBytes / report.info.parameters) * report.languageParameters;
  const read = (stepMs: number): string =>
    `${share(bytes / (stepMs / 1000) / (ceilings.copyGBs * 1e9))} of the bandwidth ceiling`;
  const { busy } = figures;
  line(
    'prefill, distinct prompts',
    figures.prefillDistinctMs,
    'ms',
    parts(figures.prefillDistinct, busy.prefillDistinct),
  );
  line(
    'prefill, one group (same prompt)',
    figures.prefillGroupMs,
    'ms',
    parts(figures.prefillGroup, busy.prefillGroup),
  );
  line(`decode step, ${work.batch} sequences`, figures.decodeStepMs, 'ms', read(figures.decodeStepMs));
  line('decode step, 1 sequence', figures.decodeStepOneMs, 'ms', read(figures.decodeStepOneMs));
  line('tokens a second', figures.tokensPerSecond, '');
  line('dispatches per decode step', figures.dispatchesPerDecodeStep, '');
  const tokens = work.batch * (work.prompt + work.newTokens);
  // Forward, and backward through activations alone: the frozen weights take no gradient.
  const flops = 2 * 2 * report.languageParameters * tokens;
  const arithmetic = share(flops / (figures.loraForwardBackwardMs / 1000) / (ceilings.matmulTflops * 1e12));
  line(
    'LoRA forward and backward',
    figures.loraForwardBackwardMs,
    'ms',
    `${arithmetic} of the arithmetic ceiling, ${figures.loraForwardBackwardDispatches} dispatches; ${parts(figures.loraForwardBackward, busy.loraForwardBackward)}`,
  );
  line('optimizer', figures.optimizerMs, 'ms');
  line('GRPO step', figures.grpoStepMs, 'ms', `${figures.grpoDispatches} dispatches`);
  line('  of it generating', figures.grpoGenerateMs, 'ms');
  line('  of it scoring under the reference', figures.grpoScoreMs, 'ms');
  line('  of it updating', figures.grpoUpdateMs, 'ms');
  console.log(
    `  of these the GPU's own time, ms: prefill distinct ${clock(busy.prefillDistinct)}, prefill group ${clock(busy.prefillGroup)}, ` +
      `${work.newTokens} tokens of a group whose image is known ${clock(busy.generateGroup)}, of one sequence ${clock(busy.generateOne)}, ` +
      `LoRA forward and backward ${clock(busy.loraForwardBackward)}, a GRPO step ${clock(busy.grpoStep)}`,
  );
  line('peak GPU memory, generating', figures.peakGenerateBytes / MIB, 'MiB');
  line('peak GPU memory, training', figures.peakTrainBytes / MIB, 'MiB');
  if (figures.profile)
    for (const [part, kernels] of Object.entries(figures.profile)) if (kernels) printKernels(part, kernels);
  for (const { product, uses, ms, byRule, chosen } of tiles) {
    const times = ms.map(one => `${one.tile.join('x')} ${(1000 * one.ms).toFixed(0)} µs`).join(', ');
    const taken = chosen === 'rule' ? `${byRule.join('x')}, as the rule has it` : chosen.join('x');
    console.log(`  tile of ${product} (${uses} uses): ${taken}; ${times}`);
  }
  console.log(`  sampler against training path, log-probabilities: ${samplerDifference.toExponential(1)}`);
}

function clock(ms: number | null): string {
  return ms === null ? '–' : ms.toFixed(1);
}

/** What a pass took the GPU by its own clock, in another round, and the processor. */
function parts({ encode, first, submits }: PassTime, gpuMs: number | null): string {
  return `GPU ${clock(gpuMs)}, encode ${clock(1000 * encode)} in ${submits} submits, the first after ${clock(1000 * first)}`;
}

/** Kernels that a part spent its time in. */
function printKernels(part: string, kernels: KernelTime[]): void {
  const all = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`  ${part}: ${(1000 * all).toFixed(2)} ms in kernels`);
  for (const { kernel, dispatches, seconds } of kernels.slice(0, MOST_KERNELS))
    console.log(
      `    ${(1000 * seconds).toFixed(2).padStart(8)} ms ${((100 * seconds) / all).toFixed(0).padStart(3)}% ${String(dispatches).padStart(5)} × ${((1e6 * seconds) / dispatches).toFixed(1).padStart(7)} µs  ${kernel.slice(0, 200)}`,
    );
}

function printTable(rows: EngineRow[]): void {
  const columns = [
    'batch',
    'prompt',
    'rank',
    'prefill',
    'group',
    'step',
    'tok/s',
    'fwd+bwd',
    'GRPO ms',
    'peak MiB',
  ];
  console.log(columns.map(name => name.padStart(9)).join(''));
  for (const { work, figures: f, error } of rows) {
    const numbers = [work.batch, work.prompt, work.rank];
    const measured = f
      ? [
          f.prefillDistinctMs,
          f.prefillGroupMs,
          f.decodeStepMs,
          f.tokensPerSecond,
          f.loraForwardBackwardMs,
          f.grpoStepMs,
          f.peakTrainBytes / MIB,
        ].map(value => value.toFixed(value < 10 ? 2 : 0))
      : [error];
    console.log([...numbers.map(String), ...measured].map(text => text.padStart(9)).join(''));
  }
}
