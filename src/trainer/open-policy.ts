/** The policy of a run: backend started, weights loaded or drawn, and what trains chosen. */
import type { RunConfig } from '../config.ts';
import { hashKey, setHalfProducts, startBackend } from '../gpu/index.ts';
import { ModelFormatError } from '../models/errors.ts';
import { initPolicy, loadPolicy } from '../models/load.ts';
import type { Policy, PolicySource, TrainableSpec } from '../models/policy.ts';
import type { DeviceInfo, RunStart } from '../protocol.ts';
import { TrainerError } from './errors.ts';
import { recallTiles } from './tiles.ts';
import { openRemote, type RemoteOptions } from './remote-model.ts';

export interface OpenPolicy {
  policy: Policy;
  device: DeviceInfo;
}

/**
 * @throws {GpuError} when the backend cannot be had.
 * @throws {ModelFormatError} when the model folder or the adapter cannot be used.
 * @throws {SourceError} when its files cannot be had from where they lie.
 * @throws {TrainerError} unsupported-setting
 */
export async function openPolicy(start: RunStart, options: Omit<RemoteOptions, 'over'>): Promise<OpenPolicy> {
  const loaded = new AbortController();
  try {
    return await open(start, { ...options, over: loaded.signal });
  } finally {
    loaded.abort();
  }
}

async function open(start: RunStart, options: RemoteOptions): Promise<OpenPolicy> {
  const { config } = start;
  const device = withPrecision(await startBackend(config.backend), config);
  await recallTiles();
  const remote = 'name' in start.model ? await openRemote(start.model, options) : null;
  const adapter = start.adapter ?? remote?.adapter;
  const policy = start.initialize
    ? await initialize(start)
    : await loadPolicy(
        remote?.source ?? (start.model as PolicySource),
        (loaded, total, file) => options.onProgress({ loaded, total, file, rate: 0 }),
        config.weights,
      );
  policy.decodePlan = config.use_decode_plan;
  policy.gradientCheckpointing = config.gradient_checkpointing;
  try {
    if (!adapter) policy.setTrainable(trainableSpec(config));
    else if (config.use_peft) await policy.importAdapter(adapter.files, config.lora_dropout);
    else {
      throw new TrainerError('unsupported-setting', {
        message:
          'The run starts from a LoRA adapter, but use_peft is false. Set use_peft to true, or start from a full model.',
      });
    }
    return { policy, device };
  } catch (error) {
    policy.dispose();
    throw error;
  }
}

/** Products in the precision that was asked for, or a notice of why not. */
function withPrecision(device: DeviceInfo, { fp16, weights }: RunConfig): DeviceInfo {
  const taken = setHalfProducts(fp16);
  if (!fp16 || (taken && weights !== 'f32')) return device;
  const why =
    taken && weights === 'f32'
      ? 'fp16 changes nothing: with weights f32 every product stays in float32.'
      : 'fp16 changes nothing: this browser offers no matrix units that multiply float16 and sum in float32, so products stay in float32.';
  return { ...device, notice: [device.notice, why].filter(Boolean).join(' ') };
}

/** LoRA as PEFT would set it up, or the weights themselves. */
function trainableSpec(config: RunConfig): TrainableSpec {
  if (!config.use_peft) return { kind: 'full', vision: config.train_vision };
  return {
    kind: 'lora',
    r: config.lora_r,
    alpha: config.lora_alpha,
    targets: config.lora_target_modules,
    useRslora: config.use_rslora,
    dropout: config.lora_dropout,
    seed: hashKey(config.seed, 'lora'),
  };
}

async function initialize({ model, config }: RunStart): Promise<Policy> {
  const files = 'files' in model ? model.files : new Map<string, Blob>();
  const blob = files.get('config.json');
  if (!blob) {
    throw new ModelFormatError('file-missing', {
      message:
        'A policy from scratch needs its folder as files, with config.json among them. Import the folder first.',
    });
  }
  const text = await blob.text();
  try {
    const described = JSON.parse(text) as Record<string, unknown>;
    return await initPolicy(described, files, hashKey(config.seed, 'weights'), 'init', config.weights);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ModelFormatError('json-invalid', {
      message: `config.json is not JSON: ${cause.message}`,
      cause,
    });
  }
}
