/** What every part of a run shares. */
import type { RunConfig } from '../config.ts';
import { hashKey } from '../gpu/index.ts';
import type { Policy } from '../models/policy.ts';
import type { EnvironmentService, Observation, Phase, RunEvent } from '../protocol.ts';
import {
  policyActor,
  type Actor,
  type Constraint,
  type Episode,
  type EpisodeSpec,
  type PromptOptions,
  type SamplingOptions,
} from '../rollout/index.ts';

export interface RunContext {
  runId: string;
  config: RunConfig;
  policy: Policy;
  environment: EnvironmentService;
  /** Frames that may be used at once: slots 0 to slots - 1. */
  slots: number;
  /** Frames beyond them, for what is played beside the steps. */
  spareSlots: number;
  /** Padded tokens of one micro-batch. */
  tokenBudget: number;
  prompt: PromptOptions;
  /** What may be said to what is observed; null for anything. */
  constraintOf: ((observation: Observation) => Constraint) | null;
  emit: (event: RunEvent) => void;
  /** Awaited wherever the run may be paused or stopped without losing what was learnt; throws Stopped. */
  gate: () => Promise<void>;
}

/** A policy with more tokens than this was not made for this page: it must be told what actions there are. */
const EMBEDDED_VOCABULARY = 8192;

export function promptOptions(config: RunConfig, policy: Policy): PromptOptions {
  return {
    observation: config.observation,
    actionSet: config.action_set,
    describeActions: policy.info.vocabularySize > EMBEDDED_VOCABULARY,
    vision: policy.info.hasVision,
  };
}

/** How a run samples while it trains. */
export function trainingSampling(config: RunConfig): SamplingOptions {
  return {
    maxTokens: config.max_completion_length,
    temperature: config.temperature,
    topK: config.top_k,
    topP: config.top_p,
    minP: config.min_p,
    repetitionPenalty: config.repetition_penalty,
  };
}

function greedy(config: RunConfig): SamplingOptions {
  return { ...trainingSampling(config), temperature: 0, topK: 0, topP: 1, minP: null };
}

/** The policy as it is evaluated: greedy, or sampled as in training with draws of its own for each start. */
export function evaluationActor(context: RunContext, sampled: boolean): Actor {
  const { config, policy, prompt, constraintOf } = context;
  const sampling = sampled ? trainingSampling(config) : greedy(config);
  const keyOf = (spec: EpisodeSpec, turn: number): number =>
    hashKey(config.seed, spec.task, spec.seed, turn, 'evaluation');
  return policyActor(policy, prompt, sampling, keyOf, constraintOf);
}

/** Tells what phase step `step` is in, and how far. */
export function phaseReporter(context: RunContext, step: number, phase: Phase, total: number) {
  const { runId, emit } = context;
  const report = (done: number) => emit({ kind: 'phase', runId, step, phase, done, total });
  report(0);
  return report;
}

/** Tells what a slot is doing, for the live grid. */
export function slotReporter({ runId, emit }: RunContext) {
  return (slot: number, { spec, goal, turns, done, failure }: Episode): void => {
    const last = turns.at(-1);
    emit({
      kind: 'slot',
      runId,
      slot,
      task: spec.task,
      goal,
      action: last?.action || last?.completion || '',
      reward: last?.rawReward ?? 0,
      done: done || failure !== '',
    });
  };
}
