/** What a run learns by and who plays in it, by its settings. */
import type { EvaluateOptions, RunStart } from '../protocol.ts';
import { oracleActor, randomActor, type Actor } from '../rollout/index.ts';
import { joinCollections, readCollection, type Collection } from './collection.ts';
import { evaluationActor, type RunContext } from './context.ts';
import { TrainerError } from './errors.ts';
import { GrpoMethod } from './grpo-step.ts';
import type { Method } from './method.ts';
import type { Optimizer } from './optimizer.ts';
import { SftMethod } from './sft-step.ts';

/** @throws {TrainerError} demonstrations-unfit when the file that the run starts from does not come, or is for another run */
export async function chooseMethod(
  context: RunContext,
  optimizer: Optimizer,
  start: RunStart,
): Promise<Method> {
  const { config, policy } = context;
  if (config.method !== 'sft') return new GrpoMethod(context, optimizer, start.adapter !== undefined);
  const { resumeAt = 0, demonstrations = [], collections = [] } = start;
  const read: Collection[] = [];
  for (const address of collections) read.push(readCollection(await fetchBytes(address), config, policy));
  const kept = read.length === 0 ? null : joinCollections(read, config.tasks);
  return new SftMethod(context, optimizer, resumeAt, demonstrations, kept);
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok)
    throw new TrainerError('demonstrations-unfit', {
      message: `The demonstrations at ${address} did not come: the server answered ${response.status}.`,
    });
  return new Uint8Array(await response.arrayBuffer());
}

export function chooseActor(context: RunContext, options: EvaluateOptions): Actor {
  const { config, policy, environment, prompt } = context;
  switch (options.policy) {
    case 'oracle':
      return oracleActor(environment, policy, prompt);
    case 'random':
      return randomActor(config.seed);
    case 'model':
      return evaluationActor(context, options.sampled);
  }
}
