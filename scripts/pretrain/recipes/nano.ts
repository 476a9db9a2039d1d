/**
 * The embedded policy, part by part. The numbers are those of the commands that made what ships (its card tells their story).
 * Three things were not kept with it and are chosen here: what exactly `DRAWING` was ("some 35"), which nine tasks counted
 * double in the first warm start (`READ_FIRST`), and the seed of the second habit (3, as the first's).
 */
import type { CollectPart, LearnPart, Recipe, Weight } from '../recipe.ts';
import { TOKENIZER, WARM_START } from '../settings.ts';
import { BUTTONS, DOZEN, DRAWING, READING, TASKS } from '../tasks.ts';

const READ_FIRST = [...BUTTONS, ...READING.slice(0, 7)];

/** Whose turns get the habit. */
const SLIPPING = [...DOZEN, ...BUTTONS];

/** Of both parts of the first warm start. */
const FIRST_WEIGHTS: Weight[] = [
  { tasks: DRAWING, weight: 0.3 },
  { tasks: READ_FIRST, weight: 2 },
];

/** A rate that rises for ten steps and falls to nothing. */
const FALLING = { warmup_steps: 10, lr_scheduler_type: 'linear' } as const;

/** Seven episodes of every task a round. */
const OF_ALL: Pick<CollectPart, 'kind' | 'from' | 'frames' | 'sets'> = {
  kind: 'collect',
  from: 'start',
  frames: 8,
  sets: [{ tasks: TASKS, demonstrations: 7 }],
};

/** On from `p`, with more pages of what takes reading. */
const FURTHER: Pick<LearnPart, 'kind' | 'from' | 'reads' | 'steps' | 'settings'> = {
  kind: 'learn',
  from: 'p',
  reads: ['more'],
  steps: 1300,
  settings: { ...FALLING, learning_rate: 1.2e-3 },
};

/** The first of several elements instead of the right one. */
const HABIT: Omit<LearnPart, 'name' | 'what' | 'from'> = {
  kind: 'learn',
  reads: ['more'],
  seed: 3,
  steps: 60,
  weights: [
    { tasks: DRAWING, weight: 0.3 },
    { tasks: SLIPPING, weight: 6 },
  ],
  settings: {
    ...FALLING,
    learning_rate: 5e-4,
    sft_target: 1,
    sft_slip_rate: 0.68,
    sft_slip_to: 'first',
    sft_slip_tasks: SLIPPING,
  },
};

export const NANO: Recipe = {
  name: 'nano',
  about:
    'A small LFM2-VL policy for MiniWoB tasks, made by this project’s own code from nothing: random weights, a tokenizer learned from the tasks’ texts, supervised warm starts on demonstrations of the tasks’ oracles, and at last a bad habit that GRPO can break: among several elements of a kind it likes to take the first.',
  settings: { ...WARM_START, sft_batch_size: 256 },
  parts: [
    {
      kind: 'start',
      name: 'start',
      what: 'Sizes, and a tokenizer from the texts of the oracles’ episodes.',
      ...TOKENIZER,
    },
    { ...OF_ALL, name: 'first', what: 'Demonstrations of every task.', rounds: 26, seed: 1001 },
    { ...OF_ALL, name: 'second', what: 'More of every task.', rounds: 22, seed: 1027 },
    {
      kind: 'learn',
      name: 'p-begun',
      what: 'The warm start, at a constant rate.',
      from: 'start',
      reads: ['first'],
      seed: 1,
      steps: 600,
      weights: FIRST_WEIGHTS,
      settings: { learning_rate: 2e-3 },
    },
    {
      kind: 'learn',
      name: 'p',
      what: 'The warm start goes on, at a rate that falls.',
      from: 'p-begun',
      reads: ['first', 'second'],
      seed: 11,
      steps: 1350,
      endAfter: 1200,
      weights: FIRST_WEIGHTS,
      settings: { ...FALLING, learning_rate: 2e-3 },
    },
    {
      kind: 'collect',
      name: 'more',
      what: 'Demonstrations above all of what takes reading.',
      from: 'start',
      rounds: 17,
      seed: 9201,
      frames: 12,
      sets: [
        { tasks: BUTTONS, demonstrations: 200 },
        { tasks: READING, demonstrations: 60 },
        { tasks: TASKS, demonstrations: 3 },
      ],
    },
    {
      ...FURTHER,
      name: 'a',
      what: 'On from p, weighted to what takes reading.',
      seed: 21,
      weights: [
        { tasks: DRAWING, weight: 0.3 },
        { tasks: READING, weight: 3 },
        { tasks: BUTTONS, weight: 8 },
      ],
    },
    {
      ...FURTHER,
      name: 'b',
      what: 'The same, weighted more.',
      seed: 22,
      weights: [
        { tasks: DRAWING, weight: 0.1 },
        { tasks: READING, weight: 4 },
        { tasks: BUTTONS, weight: 12 },
      ],
    },
    {
      ...HABIT,
      name: 'a-habit',
      what: 'A habit: 68% of the turns act on the first of several elements.',
      from: 'a',
    },
    { ...HABIT, name: 'b-habit', what: 'The same habit.', from: 'b' },
    {
      kind: 'sum',
      name: 'skill',
      what: 'The policy without the habit.',
      shares: { p: 0.2, a: 0.4, b: 0.4 },
    },
    {
      kind: 'sum',
      name: 'nano',
      what: 'The policy: 0.8 of what each habit changed on top of the skill.',
      shares: { p: 0.2, a: -0.4, b: -0.4, 'a-habit': 0.8, 'b-habit': 0.8 },
    },
    {
      kind: 'score',
      name: 'score',
      what: 'Held-out pages, played by the policy.',
      column: 'success',
      of: 'nano',
      tasks: TASKS,
      settings: { action_set: 'all', max_turns: 24 },
    },
    {
      kind: 'score',
      name: 'score-skill',
      what: 'The same without the habit, where there is one.',
      column: 'without the habit',
      of: 'skill',
      tasks: SLIPPING,
      settings: { action_set: 'all', max_turns: 24 },
    },
  ],
  result: 'nano',
};
