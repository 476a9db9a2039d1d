/** The configuration of a run: TRL's and PEFT's names where they exist, and their defaults unless a comment says why not; validated, versioned. */

/** Subsets of BrowserGym's actions by their names there, OpenEnv's default, or all. */
export const ACTION_SETS = [
  'bid',
  'coord',
  'miniwob_all',
  'miniwob_shi17',
  'miniwob_liu18',
  'miniwob_humphreys22',
  'openenv',
  'all',
] as const;

/** Everything that decides a run. Two runs with equal configuration on one device take equal steps. */
export interface RunConfig {
  version: 1;
  seed: number;

  /** `nano` (embedded), a path below the page, or `import:<id>` of an imported folder in storage. */
  model: string;
  backend: 'auto' | 'webgpu' | 'wasm';

  /** `grpo`, or `sft` on demonstrations of the tasks' oracles (the warm start). */
  method: 'grpo' | 'sft';

  /** Where the tasks' pages are: `built-in`, `pages:<id>` of a copy of MiniWoB++'s folder, or `openenv:<address>`. */
  environment: string;
  /** Task names of the environment, without the `browsergym/miniwob.` prefix. */
  tasks: string[];
  task_weights: number[] | null;
  curriculum: 'none' | 'order' | 'success';
  curriculum_threshold: number;
  action_set: (typeof ACTION_SETS)[number];
  multiaction: boolean;
  retry_with_force: boolean;
  /** Turns an episode may take. The cookbook's name for it is max_steps, which TRL uses for optimizer steps. */
  max_turns: number;
  observation: {
    use_screenshot: boolean;
    /** Feeds a grey image instead of the screenshot: what sight is worth. */
    blank_screenshot: boolean;
    use_axtree: boolean;
    /** BrowserGym's flatten_axtree_to_str options. skip_generic is false here: with BrowserGym's default, plain div and span targets have no bid. */
    skip_generic: boolean;
    filter_visible_only: boolean;
    filter_with_bid_only: boolean;
    filter_som_only: boolean;
    with_visible: boolean;
    with_clickable: boolean;
    with_center_coords: boolean;
    with_bounding_box_coords: boolean;
    with_som: boolean;
    coord_decimals: number;
    remove_redundant_static_text: boolean;
    hide_bid_if_invisible: boolean;
    hide_all_children: boolean;
    hide_all_bids: boolean;
    /** BrowserGym's pruned HTML besides, or in place of, the accessibility tree. The same options hold for it. */
    use_html: boolean;
    /** Draws BrowserGym's set of marks over the screenshot. */
    overlay_som: boolean;
    /** Tells the policy the bid of what has the focus. */
    use_focused_element: boolean;
    /** Characters of page structure that go into the prompt. Cookbook: 2000. */
    axtree_max_chars: number;
  };

  // TRL GRPOConfig
  max_steps: number;
  per_device_train_batch_size: number;
  /** Ours: megabytes of activations that one micro-batch of an update may take; null for what suits most devices. */
  activation_memory_mb: number | null;
  gradient_accumulation_steps: number;
  gradient_checkpointing: boolean;
  fp16: boolean;
  steps_per_generation: number | null;
  num_generations: number;
  num_iterations: number;
  /** What becomes of groups without spread. `resample` is DAPO's dynamic sampling. */
  zero_std_groups: 'keep' | 'drop' | 'resample';
  max_resample_rounds: number;
  max_completion_length: number;
  temperature: number;
  top_p: number;
  top_k: number;
  min_p: number | null;
  repetition_penalty: number;
  /** Ours: replies can be nothing but actions of the set on elements of the page. */
  constrain_actions: boolean;
  /** Ours: replies come from the decode plan where model and GPU have one. */
  use_decode_plan: boolean;
  loss_type: 'dapo' | 'grpo' | 'dr_grpo' | 'bnpo' | 'cispo' | 'sapo' | 'luspo' | 'vespo';
  importance_sampling_level: 'token' | 'sequence';
  epsilon: number;
  epsilon_high: number | null;
  delta: number | null;
  beta: number;
  use_bias_correction_kl: boolean;
  sync_ref_model: boolean;
  ref_model_mixup_alpha: number;
  ref_model_sync_steps: number;
  off_policy_mask_threshold: number | null;
  top_entropy_quantile: number;
  entropy_coef: number;
  use_adaptive_entropy: boolean;
  entropy_coef_min: number;
  entropy_coef_max: number;
  entropy_coef_delta: number;
  entropy_target: number;
  /** TRL's names, although the sampler here is not vLLM: what samples and what trains round differently. */
  vllm_importance_sampling_correction: boolean;
  vllm_importance_sampling_mode: 'token_truncate' | 'token_mask' | 'sequence_truncate' | 'sequence_mask';
  vllm_importance_sampling_clip_min: number | null;
  vllm_importance_sampling_clip_max: number | null;
  sapo_temperature_neg: number;
  sapo_temperature_pos: number;
  vespo_k_pos: number;
  vespo_lambda_pos: number;
  vespo_k_neg: number;
  vespo_lambda_neg: number;
  scale_rewards: 'group' | 'batch' | 'none';
  /** Names of src/grpo/rewards. */
  reward_funcs: string[];
  reward_weights: number[] | null;
  reward_threshold: number;
  reward_discount: number;
  /** JavaScript of a function of one episode, for the reward `custom`. */
  custom_reward: string | null;
  multi_objective_aggregation: 'sum_then_normalize' | 'normalize_then_sum';
  mask_truncated_completions: boolean;
  learning_rate: number;
  lr_scheduler_type: 'linear' | 'cosine' | 'constant' | 'constant_with_warmup';
  warmup_steps: number;
  weight_decay: number;
  adam_beta1: number;
  adam_beta2: number;
  adam_epsilon: number;
  max_grad_norm: number;

  /** LoRA when true, every weight of the language model when false. */
  use_peft: boolean;
  lora_r: number;
  lora_alpha: number;
  lora_dropout: number;
  /** PEFT's target_modules: a full-match regular expression or a list of suffixes; null takes the family's language-model linears. */
  lora_target_modules: string | string[] | null;
  use_rslora: boolean;
  /** How frozen matrices are held: packed ones take less memory and time and are rounded. */
  weights: 'f32' | 'f16' | 'int8' | 'int4';
  /** With use_peft false: whether vision tower and projector train too. */
  train_vision: boolean;

  // evaluation and durability
  eval_steps: number;
  /** Held-out episodes per task and evaluation. */
  eval_episodes: number;
  eval_tasks: string[];
  eval_sampled: boolean;
  load_best_model_at_end: boolean;
  save_steps: number;

  // supervised warm start (method sft)
  sft_demonstrations: number;
  /** Share of the drawn turns that come from a person's demonstrations, of tasks that have any. */
  sft_recorded_share: number;
  sft_batch_size: number;
  /** TRL SFTConfig's name: loss on the completion only, or on the prompt's text as well. */
  assistant_only_loss: boolean;
  /** What a prompt's token counts beside a reply's, when assistant_only_loss is off. */
  prompt_loss_weight: number;
  /** Share of the oracles' turns that are learnt with another element of the same role in the place of theirs. */
  sft_slip_rate: number;
  /** Which of those: any, or the first on the page. */
  sft_slip_to: 'any' | 'first';
  /** Whose turns slip; null for all tasks. */
  sft_slip_tasks: string[] | null;
  /** A task that is demonstrated right this often leaves the mixture until it falls below; 1 keeps all. */
  sft_target: number;

  /** Frames that run side by side. */
  frames: number;
}

export const DEFAULT_CONFIG: RunConfig = {
  version: 1,
  seed: 42,
  model: 'nano',
  backend: 'auto',
  method: 'grpo',
  environment: 'built-in',
  // What the embedded policy visibly learns within minutes, so that Train works without a decision (docs/learning.md).
  tasks: ['click-tab', 'click-dialog-2', 'count-sides'],
  task_weights: null,
  curriculum: 'none',
  curriculum_threshold: 0.8,
  action_set: 'bid',
  multiaction: false,
  retry_with_force: true,
  max_turns: 4,
  observation: {
    use_screenshot: true,
    blank_screenshot: false,
    use_axtree: true,
    skip_generic: false,
    filter_visible_only: false,
    filter_with_bid_only: false,
    filter_som_only: false,
    with_visible: false,
    with_clickable: false,
    with_center_coords: false,
    with_bounding_box_coords: false,
    with_som: false,
    coord_decimals: 0,
    remove_redundant_static_text: true,
    hide_bid_if_invisible: false,
    hide_all_children: false,
    hide_all_bids: false,
    use_html: false,
    overlay_som: false,
    use_focused_element: false,
    axtree_max_chars: 2000,
  },
  max_steps: 60,
  per_device_train_batch_size: 8,
  activation_memory_mb: null,
  gradient_accumulation_steps: 4,
  gradient_checkpointing: false,
  fp16: false,
  steps_per_generation: null,
  num_generations: 8,
  num_iterations: 1,
  zero_std_groups: 'keep',
  max_resample_rounds: 3,
  max_completion_length: 32,
  temperature: 1,
  top_p: 1,
  top_k: 0,
  min_p: null,
  repetition_penalty: 1,
  constrain_actions: false,
  use_decode_plan: true,
  loss_type: 'dapo',
  importance_sampling_level: 'token',
  epsilon: 0.2,
  epsilon_high: null,
  delta: null,
  // GRPO's own (arXiv 2402.03300); TRL has 0. Without it one seed in three forgets a task that it had solved (docs/learning.md).
  beta: 0.04,
  use_bias_correction_kl: false,
  sync_ref_model: false,
  ref_model_mixup_alpha: 0.6,
  ref_model_sync_steps: 512,
  off_policy_mask_threshold: null,
  top_entropy_quantile: 1,
  entropy_coef: 0,
  use_adaptive_entropy: false,
  entropy_coef_min: 0,
  entropy_coef_max: 1,
  entropy_coef_delta: 0.005,
  entropy_target: 0.2,
  vllm_importance_sampling_correction: false,
  vllm_importance_sampling_mode: 'sequence_mask',
  vllm_importance_sampling_clip_min: null,
  vllm_importance_sampling_clip_max: 3,
  sapo_temperature_neg: 1.05,
  sapo_temperature_pos: 1,
  vespo_k_pos: 2,
  vespo_lambda_pos: 3,
  vespo_k_neg: 3,
  vespo_lambda_neg: 2,
  scale_rewards: 'group',
  reward_funcs: ['sum_of_steps'],
  reward_weights: null,
  reward_threshold: 1,
  reward_discount: 0.9,
  custom_reward: null,
  multi_objective_aggregation: 'sum_then_normalize',
  mask_truncated_completions: false,
  learning_rate: 1e-3,
  lr_scheduler_type: 'linear',
  warmup_steps: 0,
  weight_decay: 0,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
  use_peft: true,
  lora_r: 16,
  lora_alpha: 32,
  lora_dropout: 0,
  lora_target_modules: null,
  use_rslora: false,
  weights: 'f32',
  train_vision: false,
  eval_steps: 10,
  eval_episodes: 20,
  eval_tasks: [],
  eval_sampled: false,
  load_best_model_at_end: false,
  save_steps: 5,
  sft_demonstrations: 200,
  sft_recorded_share: 0.5,
  sft_batch_size: 16,
  assistant_only_loss: true,
  prompt_loss_weight: 0.1,
  sft_slip_rate: 0,
  sft_slip_to: 'any',
  sft_slip_tasks: null,
  sft_target: 1,
  frames: 8,
};
