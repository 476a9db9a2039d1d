/** Every setting of a run: one sentence, the values it takes, and whether changing it makes another run. One table. */
import { ACTION_SETS, DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { REWARDS } from '../grpo/rewards/registry.ts';
import {
  anyTexts,
  choice,
  choices,
  environment,
  flag,
  integer,
  nullable,
  number,
  numbers,
  pattern,
  text,
  texts,
  type Kind,
} from './kinds.ts';

/** Path of a setting in the configuration. */
export type FieldPath =
  Exclude<keyof RunConfig, 'version' | 'observation'> | `observation.${keyof RunConfig['observation']}`;

export type FieldGroup =
  | 'run'
  | 'task'
  | 'sampling'
  | 'objective'
  | 'reward'
  | 'optimizer'
  | 'trained weights'
  | 'evaluation'
  | 'warm start';

interface Entry {
  group: FieldGroup;
  sentence: string;
  kind: Kind;
  /** False for a setting that an existing run can be resumed with. */
  needsNewRun: boolean;
}

const entry = (group: FieldGroup, kind: Kind, sentence: string, needsNewRun = true): Entry => ({
  group,
  kind,
  sentence,
  needsNewRun,
});
const anytime = false;

/** Names of a union type, listed so that the compiler misses none. */
const namesOf = <Name extends string>(names: Record<Name, true>): Name[] => Object.keys(names) as Name[];

const LOSS_TYPES = namesOf<RunConfig['loss_type']>({
  dapo: true,
  grpo: true,
  dr_grpo: true,
  bnpo: true,
  cispo: true,
  sapo: true,
  luspo: true,
  vespo: true,
});
const SCHEDULERS = namesOf<RunConfig['lr_scheduler_type']>({
  linear: true,
  cosine: true,
  constant: true,
  constant_with_warmup: true,
});

const WEIGHTS = namesOf<RunConfig['weights']>({ f32: true, f16: true, int8: true, int4: true });

export const FIELDS: Record<FieldPath, Entry> = {
  model: entry(
    'run',
    text,
    'The policy to train: `nano`, which comes with the page; `hub:owner/name@revision` of a Hugging Face repository, with `/file.gguf` for one of its GGUF files; the address of a model folder or of a .gguf file; or `import:<id>` for one that was dropped on the page.',
  ),
  seed: entry(
    'run',
    integer(0, 2 ** 31 - 1),
    'Decides every random draw; the same configuration, seed and device give the same run.',
  ),
  backend: entry(
    'run',
    choice(namesOf<RunConfig['backend']>({ auto: true, webgpu: true, wasm: true })),
    'What computes: webgpu, the much slower wasm, or auto for webgpu where there is an adapter.',
  ),
  method: entry(
    'run',
    choice(namesOf<RunConfig['method']>({ grpo: true, sft: true })),
    "grpo learns from rewards; sft imitates the demonstrations of the tasks' scripted solutions.",
  ),
  max_steps: entry(
    'run',
    integer(0, 1_000_000),
    'Optimizer steps of the run; a finished run can be resumed with more.',
    anytime,
  ),
  frames: entry('run', integer(1, 64), 'Task frames that run side by side.', anytime),
  save_steps: entry(
    'run',
    integer(0, 1_000_000),
    'Optimizer steps between checkpoints; 0 for none in between.',
    anytime,
  ),

  environment: entry(
    'task',
    environment,
    "Where the tasks are: `built-in`, which come with the page; `pages:<id>`, a copy of MiniWoB++'s own pages that was picked on the page or given with `--pages`; or `openenv:<address>` of an OpenEnv server for BrowserGym (several with commas, each serves one task).",
  ),
  tasks: entry('task', texts, 'Tasks to train on.'),
  task_weights: entry(
    'task',
    nullable(numbers),
    'How often each task is drawn, in proportion; null for every task once before any comes again.',
  ),
  curriculum: entry(
    'task',
    choice(namesOf<RunConfig['curriculum']>({ none: true, order: true, success: true })),
    'order opens each task when those before it have reached curriculum_threshold; success draws most often what is half solved.',
  ),
  curriculum_threshold: entry(
    'task',
    number(0, 1),
    'Success in training from which a task counts as learnt.',
  ),
  max_turns: entry('task', integer(1, 100), 'Actions an episode may take before it ends unsolved.'),
  action_set: entry(
    'task',
    choice(ACTION_SETS),
    "Actions the policy may use: a subset of BrowserGym's by its name, OpenEnv's default, or all of them.",
  ),
  multiaction: entry('task', flag, 'Whether one reply may hold several actions.'),
  retry_with_force: entry(
    'task',
    flag,
    'Whether an action that is blocked, as by another element on top, is tried once more by force, as BrowserGym does.',
  ),
  'observation.use_screenshot': entry('task', flag, "Whether the policy sees the task's pixels."),
  'observation.blank_screenshot': entry(
    'task',
    flag,
    'Replaces the pixels by grey ones: what sight is worth.',
  ),
  'observation.use_axtree': entry(
    'task',
    flag,
    'Whether the policy reads the page structure (accessibility tree).',
  ),
  'observation.skip_generic': entry(
    'task',
    flag,
    'Leaves bare elements without role or name out of the page structure; some targets then have no bid.',
  ),
  'observation.filter_visible_only': entry(
    'task',
    flag,
    'Leaves invisible elements out of the page structure.',
  ),
  'observation.filter_with_bid_only': entry(
    'task',
    flag,
    'Leaves everything without a bid out of the page structure, text among it.',
  ),
  'observation.filter_som_only': entry(
    'task',
    flag,
    'Keeps only elements of the set of marks in the page structure.',
  ),
  'observation.with_visible': entry('task', flag, 'Marks visible elements in the page structure.'),
  'observation.with_clickable': entry('task', flag, 'Marks clickable elements in the page structure.'),
  'observation.with_center_coords': entry(
    'task',
    flag,
    "Adds each element's centre to the page structure, in pixels of the screenshot.",
  ),
  'observation.with_bounding_box_coords': entry(
    'task',
    flag,
    "Adds each element's box to the page structure, in pixels of the screenshot.",
  ),
  'observation.with_som': entry('task', flag, 'Marks elements of the set of marks in the page structure.'),
  'observation.coord_decimals': entry('task', integer(0, 6), 'Digits after the point of those coordinates.'),
  'observation.remove_redundant_static_text': entry(
    'task',
    flag,
    'Leaves text out of the page structure that the name of its parent says already.',
  ),
  'observation.hide_bid_if_invisible': entry('task', flag, 'Prints no bid of invisible elements.'),
  'observation.hide_all_children': entry('task', flag, 'What a filter leaves out takes what it holds along.'),
  'observation.hide_all_bids': entry('task', flag, 'Prints no bids at all.'),
  'observation.use_html': entry(
    'task',
    flag,
    "Whether the policy reads the page's pruned HTML; the options of the page structure hold for it, too.",
  ),
  'observation.overlay_som': entry(
    'task',
    flag,
    'Draws the set of marks over the screenshot: a dashed box and the bid of what can be acted on.',
  ),
  'observation.use_focused_element': entry('task', flag, 'Tells the policy the bid of what has the focus.'),
  'observation.axtree_max_chars': entry(
    'task',
    integer(100, 100_000),
    'Characters of page structure, and of HTML, that go into the prompt; the rest is cut.',
  ),

  per_device_train_batch_size: entry(
    'sampling',
    integer(1, 4096),
    'Episodes in a micro-step, as TRL counts them; memory is bounded by activation_memory_mb.',
  ),
  activation_memory_mb: entry(
    'sampling',
    nullable(integer(1, 1_000_000)),
    'Megabytes (estimated) that the activations of one forward and backward pass may take: an update is cut into as many as it needs. More is faster on a card with memory to spare, less helps where memory runs out; null for 2,500 on webgpu and 300 on wasm.',
    anytime,
  ),
  gradient_accumulation_steps: entry(
    'sampling',
    integer(1, 4096),
    'Micro-steps whose gradients add up to one optimizer step.',
  ),
  gradient_checkpointing: entry(
    'sampling',
    flag,
    'Keeps only the input of each layer for the backward pass and computes the rest again there: a large policy then trains in a fraction of the memory, or with more tokens in a micro-batch, for a third to a half more work in the update.',
    anytime,
  ),
  fp16: entry(
    'sampling',
    flag,
    "Multiplies many rows with weights of f16, int8 or int4 on the GPU's matrix units: inputs and gradients rounded to float16, each row by its own power of two, sums in float32. Where browser and GPU have no such units (docs/gpu.md) it changes nothing, and says so.",
    anytime,
  ),
  steps_per_generation: entry(
    'sampling',
    nullable(integer(1, 4096)),
    'Micro-steps that one generation batch feeds; null takes gradient_accumulation_steps.',
  ),
  num_generations: entry(
    'sampling',
    integer(2, 1024),
    'Episodes in a group, which all begin from the same task and seed.',
  ),
  num_iterations: entry('sampling', integer(1, 100), 'Times that each generation batch is trained on (μ).'),
  zero_std_groups: entry(
    'sampling',
    choice(namesOf<RunConfig['zero_std_groups']>({ keep: true, drop: true, resample: true })),
    "What becomes of groups whose rewards are all alike: they stay and dilute the loss, leave it, or others are played in their place (DAPO's dynamic sampling).",
  ),
  max_resample_rounds: entry(
    'sampling',
    integer(1, 100),
    'Rounds of other groups that resample plays at most for one generation batch.',
  ),
  max_completion_length: entry('sampling', integer(1, 8192), 'Tokens a reply may have.'),
  temperature: entry(
    'sampling',
    number(0, 100, true),
    'Divides the logits before sampling, and in the loss.',
  ),
  top_p: entry(
    'sampling',
    number(0, 1, true),
    'Samples from the smallest set of tokens with this much probability; 1 for all.',
  ),
  top_k: entry('sampling', integer(0, 1_000_000), 'Samples from this many most probable tokens; 0 for all.'),
  min_p: entry(
    'sampling',
    nullable(number(0, 1)),
    'Leaves out tokens less probable than this share of the most probable one; null for none.',
  ),
  repetition_penalty: entry(
    'sampling',
    number(0, 100, true),
    'Divides the logits of tokens that prompt or reply already hold, above 1 against repeating them, below 1 for it; log-probabilities stay those without it.',
  ),
  constrain_actions: entry(
    'sampling',
    flag,
    'Draws only what can become a well-formed action of action_set on an element that the page names, for models that do not know the format; log-probabilities stay those without it. Needs a byte-level tokenizer, and takes a forward pass for each token, without the decode plan.',
  ),
  use_decode_plan: entry(
    'sampling',
    flag,
    'On webgpu, generates with steps that are prepared once, where the model has them (LFM2); off takes a forward pass for each token, which is slower and gives the same replies but for rounding.',
    anytime,
  ),

  loss_type: entry(
    'objective',
    choice(LOSS_TYPES),
    "How tokens' losses are formed and averaged; dapo is TRL's default.",
  ),
  importance_sampling_level: entry(
    'objective',
    choice(namesOf<RunConfig['importance_sampling_level']>({ token: true, sequence: true })),
    'Whether ratios between new and old policy are taken for each token or for the whole reply (GSPO).',
  ),
  epsilon: entry('objective', number(0, 1), 'How far a ratio may fall below 1 before it is clipped.'),
  epsilon_high: entry(
    'objective',
    nullable(number(0, 1000)),
    'How far a ratio may rise above 1 before it is clipped, or for cispo the cap itself; null takes epsilon.',
  ),
  delta: entry(
    'objective',
    nullable(number(1, 1000, true)),
    'Upper bound of the ratio where the advantage is negative (two-sided clipping); null for none.',
  ),
  beta: entry('objective', number(0, 100), 'Weight of the KL divergence from the starting policy.'),
  use_bias_correction_kl: entry(
    'objective',
    flag,
    'Multiplies the KL estimate by the importance ratio, which makes it unbiased off policy.',
  ),
  sync_ref_model: entry(
    'objective',
    flag,
    'Moves the reference towards the policy every ref_model_sync_steps; otherwise it stays the starting policy.',
  ),
  ref_model_mixup_alpha: entry(
    'objective',
    number(0, 1),
    'Share of the policy in the reference after it is synchronised; the rest is what the reference was.',
  ),
  ref_model_sync_steps: entry(
    'objective',
    integer(1, 1_000_000),
    'Optimizer steps between two synchronisations of the reference.',
  ),
  off_policy_mask_threshold: entry(
    'objective',
    nullable(number(0, 100, true)),
    'Leaves out a reply of negative advantage once the policy drifted further than this from the one that wrote it, in mean nats a token; null for never.',
  ),
  top_entropy_quantile: entry(
    'objective',
    number(0, 1, true),
    'Share of the tokens, those of highest entropy, that the policy term learns from; 1 for all.',
  ),
  entropy_coef: entry(
    'objective',
    number(0, 100),
    'Weight of a bonus on the entropy, which keeps the policy exploring; where it is adaptive, the weight to begin with.',
  ),
  use_adaptive_entropy: entry(
    'objective',
    flag,
    'Raises entropy_coef after each step whose entropy is at or below entropy_target, lowers it after any other, and applies it only below the target.',
  ),
  entropy_coef_min: entry('objective', number(0, 100), 'Least entropy_coef that the adaptive control sets.'),
  entropy_coef_max: entry(
    'objective',
    number(0, 100),
    'Largest entropy_coef that the adaptive control sets.',
  ),
  entropy_coef_delta: entry(
    'objective',
    number(0, 100),
    'How far the adaptive control moves entropy_coef in a step.',
  ),
  entropy_target: entry(
    'objective',
    number(0, 100),
    'Mean entropy a token, in nats, that the adaptive control aims for.',
  ),
  vllm_importance_sampling_correction: entry(
    'objective',
    flag,
    'Weighs tokens by how likely the training path finds them against what the sampler reported, as TRL does where vLLM samples; costs a forward pass.',
  ),
  vllm_importance_sampling_mode: entry(
    'objective',
    choice(
      namesOf<RunConfig['vllm_importance_sampling_mode']>({
        sequence_mask: true,
        sequence_truncate: true,
        token_mask: true,
        token_truncate: true,
      }),
    ),
    'Whether that weight is taken for each token or for the whole reply, and clamped into its bounds or set to 0 outside them.',
  ),
  vllm_importance_sampling_clip_min: entry(
    'objective',
    nullable(number(0, 1000)),
    'Lower bound of that weight; null for none.',
  ),
  vllm_importance_sampling_clip_max: entry(
    'objective',
    nullable(number(0, 1000)),
    'Upper bound of that weight; null for none.',
  ),
  sapo_temperature_neg: entry(
    'objective',
    number(0, 100, true),
    "Steepness of sapo's gate where the advantage is not positive.",
  ),
  sapo_temperature_pos: entry(
    'objective',
    number(0, 100, true),
    "Steepness of sapo's gate where the advantage is positive.",
  ),
  vespo_k_pos: entry(
    'objective',
    number(0, 100),
    "Power of the ratio in vespo's weight where the advantage is not negative.",
  ),
  vespo_lambda_pos: entry(
    'objective',
    number(0, 100),
    "Decay of vespo's weight where the advantage is not negative.",
  ),
  vespo_k_neg: entry(
    'objective',
    number(0, 100),
    "Power of the ratio in vespo's weight where the advantage is negative.",
  ),
  vespo_lambda_neg: entry(
    'objective',
    number(0, 100),
    "Decay of vespo's weight where the advantage is negative.",
  ),
  mask_truncated_completions: entry(
    'objective',
    flag,
    'Keeps replies that hit max_completion_length out of the loss.',
  ),

  reward_funcs: entry('reward', choices(REWARDS.map(reward => reward.name)), 'What an episode is paid for.'),
  reward_weights: entry(
    'reward',
    nullable(numbers),
    'Weight of each reward function, in order; null for 1 each.',
  ),
  reward_threshold: entry('reward', number(-1, 1), 'Raw reward from which the reward `thresholded` pays.'),
  reward_discount: entry(
    'reward',
    number(0, 1),
    'What the reward `time_discounted` is multiplied by for each turn after the first.',
  ),
  custom_reward: entry(
    'reward',
    nullable(text),
    'JavaScript of a function of one episode, such as `e => e.success ? 1 / e.turns.length : 0`, for the reward `custom`; it runs in a sandbox.',
  ),
  scale_rewards: entry(
    'reward',
    choice(namesOf<RunConfig['scale_rewards']>({ group: true, batch: true, none: true })),
    'Whose standard deviation advantages are divided by.',
  ),
  multi_objective_aggregation: entry(
    'reward',
    choice(
      namesOf<RunConfig['multi_objective_aggregation']>({
        sum_then_normalize: true,
        normalize_then_sum: true,
      }),
    ),
    'Whether several rewards are summed before or after they are normalised.',
  ),

  learning_rate: entry('optimizer', number(0, 10), "AdamW's step size at its peak."),
  lr_scheduler_type: entry('optimizer', choice(SCHEDULERS), 'Shape of the learning rate over the run.'),
  warmup_steps: entry(
    'optimizer',
    number(0, 1_000_000),
    'Optimizer steps in which the learning rate rises from 0; below 1, that share of the run.',
  ),
  weight_decay: entry('optimizer', number(0, 10), "AdamW's decoupled weight decay."),
  adam_beta1: entry('optimizer', number(0, 0.999999), "Decay of AdamW's mean of gradients."),
  adam_beta2: entry('optimizer', number(0, 0.999999), "Decay of AdamW's mean of squared gradients."),
  adam_epsilon: entry('optimizer', number(0, 1, true), "Added to AdamW's denominator."),
  max_grad_norm: entry(
    'optimizer',
    number(0, 1_000_000),
    'Gradients are scaled down to this global norm; 0 for no clipping.',
  ),

  use_peft: entry(
    'trained weights',
    flag,
    'Trains a LoRA adapter; otherwise every weight of the language model.',
  ),
  lora_r: entry('trained weights', integer(1, 1024), 'Rank of the adapter.'),
  lora_alpha: entry(
    'trained weights',
    number(0, 65_536, true),
    "The adapter's output is scaled by this over the rank.",
  ),
  lora_dropout: entry(
    'trained weights',
    number(0, 0.99),
    'Share of the inputs of each LoRA branch that are set to 0 during an update; 0 for none.',
  ),
  lora_target_modules: entry(
    'trained weights',
    nullable(pattern),
    'Layers with an adapter: a regular expression for whole names, or a list of endings; null for the linear layers of the language model.',
  ),
  use_rslora: entry(
    'trained weights',
    flag,
    'Scales the adapter by the square root of the rank instead of the rank.',
  ),
  weights: entry(
    'trained weights',
    choice(WEIGHTS),
    'How frozen weights are held under an adapter: f32 as they are; f16, int8 and int4 take a half, a quarter and an eighth of the memory and less time, rounded.',
  ),
  train_vision: entry('trained weights', flag, 'With use_peft off, trains vision tower and projector too.'),

  eval_steps: entry(
    'evaluation',
    integer(0, 1_000_000),
    'Optimizer steps between evaluations on held-out seeds; 0 for none in between.',
    anytime,
  ),
  eval_episodes: entry(
    'evaluation',
    integer(0, 100_000),
    'Held-out episodes of each task in an evaluation.',
    anytime,
  ),
  eval_tasks: entry(
    'evaluation',
    anyTexts,
    'Tasks to evaluate on besides, which the run never trains on.',
    anytime,
  ),
  eval_sampled: entry(
    'evaluation',
    flag,
    'Evaluates a second time, sampling as in training; the first is greedy.',
    anytime,
  ),
  load_best_model_at_end: entry(
    'evaluation',
    flag,
    'At the end of the run, takes the weights of the best evaluation for the export. Their checkpoint is kept in any case.',
    anytime,
  ),

  sft_demonstrations: entry(
    'warm start',
    integer(0, 1_000_000),
    'Episodes that the scripted solutions demonstrate, for each task; 0 learns from recorded demonstrations alone.',
  ),
  sft_recorded_share: entry(
    'warm start',
    number(0, 1),
    "Share of the demonstrated turns that come from what a person recorded, of tasks that have recordings; the rest is the scripted solutions'.",
  ),
  sft_batch_size: entry('warm start', integer(1, 4096), 'Demonstrated turns in an optimizer step of sft.'),
  assistant_only_loss: entry(
    'warm start',
    flag,
    'Whether sft learns the replies only, or the text of the prompts as well.',
  ),
  prompt_loss_weight: entry(
    'warm start',
    number(0, 1),
    "What a prompt's token counts beside a reply's in the loss of sft, when assistant_only_loss is off.",
  ),
  sft_slip_rate: entry(
    'warm start',
    number(0, 1),
    "Share of the scripted solutions' turns in sft that act on another element of the same role instead, where there is one. A policy that never saw a slip is too certain for GRPO: all its tries are the same.",
  ),
  sft_slip_to: entry(
    'warm start',
    choice(namesOf<RunConfig['sft_slip_to']>({ any: true, first: true })),
    'Where a slip goes: to any other element of the role, or to the first that the page has, a habit that rewards can break.',
  ),
  sft_slip_tasks: entry('warm start', nullable(anyTexts), 'Tasks whose turns slip; null for all.'),
  sft_target: entry(
    'warm start',
    number(0, 1),
    'A task leaves the mixture of sft while its kept-back demonstrations are this probable; 1 keeps every task.',
  ),
};

/** All settings, in the order they are shown in. */
export const FIELD_PATHS = Object.keys(FIELDS) as FieldPath[];

export interface FieldDescription extends Omit<Entry, 'kind'>, Omit<Kind, 'schema'> {
  path: FieldPath;
  /** Its value in DEFAULT_CONFIG. */
  default: unknown;
}

/** What page, command line and documentation say about a setting. */
export function describeField(path: FieldPath): FieldDescription {
  const { kind, ...about } = FIELDS[path];
  const { schema: _, ...values } = kind;
  return { path, ...about, ...values, default: readField(DEFAULT_CONFIG, path) };
}

/** The value at `path`. */
export function readField(config: RunConfig, path: FieldPath): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
}

/** A copy of `config` with another value at `path`; the value is not checked. */
export function withField(config: RunConfig, path: FieldPath, value: unknown): RunConfig {
  const [outer, inner] = path.split('.');
  if (inner === undefined) return { ...config, [outer]: value };
  return { ...config, observation: { ...config.observation, [inner]: value } };
}
