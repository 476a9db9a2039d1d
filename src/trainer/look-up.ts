/** Before a download: what a model is, what a run with it needs, what this device has, and what would make it fit. */
import type { RunConfig } from '../config.ts';
import { parseModelName } from '../config/model-name.ts';
import { canHalveProducts, grantsMemory, packedBytes, startBackend } from '../gpu/index.ts';
import { ConfigReader } from '../models/config-reader.ts';
import { findFamily } from '../models/families.ts';
import { ModelFolder } from '../models/folder.ts';
import { listHub } from '../models/sources/hub-listing.ts';
import { neededFiles } from '../models/sources/needed-files.ts';
import type { DeviceInfo, MemoryNeed, ModelPlan, RemoteModel } from '../protocol.ts';
import { roomForWeights } from '../storage/weights/cache.ts';
import { memoryNeeds, shapeOf, smallerChoices, totalOf, type ModelShape } from './memory-plan.ts';
import { openUnkept } from './remote-model.ts';

/** WebAssembly's memory ends here and holds the code's own data too. */
const WASM_MOST = 3.5e9;
/** Tokens of a MiniWoB screenshot (160 × 210) under LFM2-VL's and Qwen3-VL's own settings. */
const IMAGE_TOKENS = 72;

/** @throws {SourceError} {ModelFormatError} when the model cannot be read or is of no supported family */
export async function lookUp(model: RemoteModel, config: RunConfig): Promise<ModelPlan> {
  const stop = new AbortController();
  try {
    const { source } = await openUnkept(model, stop.signal);
    const folder = new ModelFolder(source);
    const described = await folder.json('config.json');
    const family = findFamily(described.model_type);
    const description = family.describe(new ConfigReader(described, 'config.json'));
    const shape = shapeOf(description);
    const device = await startBackend(config.backend);
    const download = await downloadBytes(model);
    const sees = description.specs.some(({ vision }) => vision);
    return {
      family: family.modelType,
      parameters: shape.parameters,
      download,
      room: await roomForWeights(),
      ...(await judge(shape, config, device, sees ? IMAGE_TOKENS : 0)),
    };
  } finally {
    stop.abort();
  }
}

/** Bytes that loading reads; null at an address, where nothing is listed. */
async function downloadBytes({ name, token }: RemoteModel): Promise<number | null> {
  const parsed = parseModelName(name);
  if (parsed.kind !== 'hub') return null;
  const { files } = await listHub(parsed, { token });
  return neededFiles(files, parsed.file).reduce((sum, { size }) => sum + size, 0);
}

type Judgement = Pick<ModelPlan, 'needs' | 'problem' | 'advice'>;

async function judge(
  shape: ModelShape,
  config: RunConfig,
  device: DeviceInfo,
  imageTokens: number,
): Promise<Judgement> {
  const needsOf = (chosen: RunConfig): MemoryNeed[] =>
    memoryNeeds(shape, chosen, device.backend, imageTokens, canHalveProducts());
  const needs = needsOf(config);
  const problem = await problemOf(shape, config, device, totalOf(needs));
  if (!problem) return { needs, problem: '', advice: '' };
  for (const { words, config: smaller } of smallerChoices(config, device.backend)) {
    const total = totalOf(needsOf(smaller));
    if (await problemOf(shape, smaller, device, total)) continue;
    return { needs, problem, advice: `It would fit with ${words}: ${gigabytes(total)}.` };
  }
  return {
    needs,
    problem,
    advice: 'No smaller setting makes it fit here: choose a smaller model, or another device.',
  };
}

/** Why it will not fit; '' when it does as far as can be told. */
async function problemOf(
  { largest }: ModelShape,
  config: RunConfig,
  { backend, limits }: DeviceInfo,
  total: number,
): Promise<string> {
  if (backend === 'wasm')
    return total <= WASM_MOST
      ? ''
      : `This will not fit, because WebAssembly's memory ends at 4 GB and the run needs ${gigabytes(total)}.`;
  const table = packedBytes(...largest, config.use_peft ? config.weights : 'f32');
  if (table > limits.maxBufferSize)
    return `This will not fit, because its largest matrix takes ${gigabytes(table)} as ${config.weights} and this GPU's largest buffer has ${gigabytes(limits.maxBufferSize)}.`;
  if (await grantsMemory(total)) return '';
  return `This will not fit, because the run needs ${gigabytes(total)} of GPU memory and this device does not give as much.`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1)} GB`;
}
