/** Questions about learning, each as a few settings that are run side by side. Adding one is adding an entry. */
import type { RunConfig } from '../../../src/config.ts';
import { DOZEN } from '../../pretrain/tasks.ts';

export interface Variant {
  label: string;
  /** What differs from the experiment's own settings. */
  config: Partial<RunConfig>;
}

export interface Experiment {
  /** Heads the figure. */
  question: string;
  /** What all variants share, on top of the defaults. */
  config: Partial<RunConfig>;
  variants: Variant[];
  /** Tasks that the catalogue does not have: files NAME.task.json in `tasks/`. */
  ownTasks?: string[];
  /** What the curves lie over; seconds are those of the steps, evaluations not counted. */
  over: 'steps' | 'seconds';
}

/**
 * Every episode counts the same whatever the schedule's end: runs of other lengths stay comparable. And nothing holds the
 * policy to where it began, so that what differs can show.
 */
const CONSTANT = { tasks: DOZEN, lr_scheduler_type: 'constant', beta: 0 } satisfies Partial<RunConfig>;

export const EXPERIMENTS: Record<string, Experiment> = {
  dozen: {
    question: 'The dozen tasks, from the embedded policy',
    // Default settings: what a visitor's own run does.
    config: { tasks: DOZEN },
    variants: [{ label: 'GRPO', config: {} }],
    over: 'steps',
  },
  method: {
    question: 'GRPO, or more warm start, at equal time',
    config: CONSTANT,
    variants: [
      { label: 'GRPO', config: {} },
      { label: 'warm start', config: { method: 'sft', sft_batch_size: 32 } },
    ],
    over: 'seconds',
  },
  lora: {
    question: 'An adapter, or all weights',
    config: CONSTANT,
    variants: [
      { label: 'LoRA of rank 16, 1e-3', config: {} },
      { label: 'all weights, 1e-4', config: { use_peft: false, learning_rate: 1e-4 } },
      { label: 'all weights, 5e-4', config: { use_peft: false, learning_rate: 5e-4 } },
    ],
    over: 'steps',
  },
  group: {
    question: 'Episodes in a group, 32 in a step',
    config: CONSTANT,
    variants: [4, 8, 16].map(size => ({ label: `groups of ${size}`, config: { num_generations: size } })),
    over: 'steps',
  },
  loss: {
    question: 'Losses',
    config: CONSTANT,
    variants: (['dapo', 'grpo', 'dr_grpo'] as const).map(loss_type => ({
      label: loss_type,
      config: { loss_type },
    })),
    over: 'steps',
  },
  anchor: {
    question: 'What keeps the policy from settling, with default settings else',
    config: { tasks: DOZEN },
    variants: [
      { label: 'beta 0.04', config: {} },
      { label: 'entropy_coef 0.01', config: { beta: 0, entropy_coef: 0.01 } },
      { label: 'neither', config: { beta: 0 } },
    ],
    over: 'steps',
  },
  sight: {
    question: 'Tasks that need sight, with the screenshot and with an even grey instead',
    config: { ...CONSTANT, tasks: ['count-sides', 'click-color'] },
    variants: [
      { label: 'screenshot', config: {} },
      { label: 'even grey', config: { observation: blank() } },
    ],
    over: 'steps',
  },
  unseen: {
    question: 'Two tasks that neither the warm start nor GRPO had',
    // The warm start had the whole catalogue, so they are none of it.
    ownTasks: ['press-fruit', 'open-drawer'],
    config: { ...CONSTANT, eval_tasks: ['press-fruit', 'open-drawer'] },
    variants: [{ label: 'GRPO on the dozen', config: {} }],
    over: 'steps',
  },
};

function blank(): RunConfig['observation'] {
  // Fields left out take their defaults when the configuration is read.
  return { blank_screenshot: true } as RunConfig['observation'];
}
