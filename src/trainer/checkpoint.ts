/** What a run must remember to go on exactly: trained weights and their moments, and how far it is. */
import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { readTensor } from '../gpu/index.ts';
import { SafetensorsFile } from '../models/safetensors/read.ts';
import { writeSafetensors, type TensorData } from '../models/safetensors/write.ts';
import { TrainerError } from './errors.ts';
import type { Method, MethodMemory } from './method.ts';
import type { Optimizer } from './optimizer.ts';

/** Everything but tensors. All else that a step depends on is keyed by its number. */
export interface RunState {
  version: 1;
  /** Optimizer steps taken. */
  step: number;
  /** Updates that the moments have seen. */
  updates: number;
  /** Step of the last evaluation, -1 for none. */
  evaluatedAt: number;
  /** Tokens read and written since the run began. */
  numTokens: number;
  /** The evaluation of highest success so far. */
  best?: { step: number; success: number };
  memory?: MethodMemory;
}

const StateSchema = v.object({
  version: v.literal(1),
  step: v.pipe(v.number(), v.integer(), v.minValue(0)),
  updates: v.pipe(v.number(), v.integer(), v.minValue(0)),
  evaluatedAt: v.pipe(v.number(), v.integer(), v.minValue(-1)),
  numTokens: v.pipe(v.number(), v.minValue(0)),
  best: v.optional(v.object({ step: v.number(), success: v.number() })),
  memory: v.optional(
    v.object({
      entropy: v.optional(v.object({ coefficient: v.number(), lastEntropy: v.nullable(v.number()) })),
      progress: v.optional(v.record(v.string(), v.object({ success: v.number(), episodes: v.number() }))),
    }),
    {},
  ),
});

export interface CheckpointData {
  tensors: Uint8Array<ArrayBuffer>;
  state: string;
}

type Remembering = Pick<Method, 'memory' | 'variables'>;

export async function packCheckpoint(
  optimizer: Optimizer,
  method: Remembering,
  state: RunState,
): Promise<CheckpointData> {
  const tensors = new Map<string, TensorData>();
  for (const [name, variable] of [...optimizer.variables(), ...method.variables()]) {
    tensors.set(name, { shape: variable.shape, values: (await readTensor(variable)) as Float32Array });
  }
  return {
    tensors: writeSafetensors(tensors, 'F32', { format: 'browser-grpo-checkpoint' }),
    state: JSON.stringify({ ...state, memory: method.memory }),
  };
}

/**
 * Puts weights, moments and what the method remembers back.
 *
 * @throws {TrainerError} checkpoint-mismatch when the run trains other variables now, or the state cannot be read.
 * @throws {ModelFormatError} when the tensors are damaged.
 */
export async function unpackCheckpoint(
  data: { tensors: Uint8Array; state: string },
  optimizer: Optimizer,
  method: Remembering | null,
): Promise<RunState> {
  const state = readState(data.state);
  const blob = new Blob([data.tensors as Uint8Array<ArrayBuffer>]);
  const file = await SafetensorsFile.open(blob, `checkpoint of step ${state.step}`);
  for (const [name, variable] of [...optimizer.variables(), ...(method?.variables() ?? [])]) {
    const shape = file.has(name) ? file.entry(name).shape : null;
    if (String(shape) !== String(variable.shape)) {
      throw new TrainerError('checkpoint-mismatch', {
        message:
          `The checkpoint of step ${state.step} ${shape ? `holds ${name} as [${shape}], the policy needs [${variable.shape}]` : `lacks ${name}`}. ` +
          'It was written with another policy, or with other LoRA settings: resume with those it was written with.',
      });
    }
    const values = await file.read(name);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, 'float32')));
  }
  optimizer.updates = state.updates;
  if (method) method.memory = { ...method.memory, ...state.memory };
  return state;
}

function readState(json: string): RunState {
  try {
    return v.parse(StateSchema, JSON.parse(json));
  } catch (cause) {
    throw new TrainerError('checkpoint-mismatch', {
      message:
        'The state of the checkpoint cannot be read; it was written by another version, or is damaged.',
      cause,
    });
  }
}
