/** Names of other tools' configurations: TRL's GRPOConfig and ModelConfig, PEFT's LoraConfig, the LFM2 cookbook's example. */
import type { RunConfig } from '../config.ts';

/** TRL's and transformers' defaults where ours differ: what a TRL file means by leaving a field out. */
export const TRL_DEFAULTS: Partial<RunConfig> = {
  beta: 0,
  learning_rate: 1e-6,
  gradient_accumulation_steps: 1,
  max_completion_length: 512,
  use_peft: false,
};

/** PEFT's LoraConfig → our names, which are those of TRL's ModelConfig. */
export const PEFT_NAMES: Record<string, keyof RunConfig> = {
  r: 'lora_r',
  lora_alpha: 'lora_alpha',
  lora_dropout: 'lora_dropout',
  target_modules: 'lora_target_modules',
  use_rslora: 'use_rslora',
};

/** A foreign field that asks for arithmetic that there is not here, unless it has one of these values. */
export interface Refused {
  allowed: readonly unknown[];
  /** Why anything else is refused: goes on after the field's name and "has no counterpart: ". */
  why: string;
}

const refused = (why: string, names: string, ...allowed: unknown[]): Record<string, Refused> =>
  Object.fromEntries(words(names).map(name => [name, { allowed, why }]));

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Fields of TRL, transformers and PEFT that would change what is learnt and that we do not have. */
export const REFUSED: Record<string, Refused> = {
  ...refused(
    'the optimizer is AdamW in float32',
    'optim',
    'adamw_torch',
    'adamw_torch_fused',
    'adamw_hf',
    'adamw_apex_fused',
  ),
  ...refused('the optimizer is AdamW in float32', 'optim_args optim_target_modules', null),
  ...refused('adapters have no biases', 'bias', 'none'),
  ...refused('adapters have no biases', 'lora_bias', false),
  ...refused(
    'adapters are plain LoRA, with or without rsLoRA',
    'use_dora use_qalora use_bdlora',
    false,
    null,
  ),
  ...refused(
    'adapters are plain LoRA, with or without rsLoRA',
    'arrow_config alora_invocation_tokens monteclora_config velora_config kasa_config layer_replication trainable_token_indices',
    null,
  ),
  ...refused('adapters begin as PEFT begins them by default', 'init_lora_weights', null, true),
  ...refused(
    'adapters begin as PEFT begins them by default',
    'loftq_config eva_config corda_config lora_ga_config',
    null,
    {},
  ),
  ...refused('weights lie as torch.nn.Linear has them', 'fan_in_fan_out', false),
  ...refused(
    'only linear layers are adapted, and nothing beside the adapter trains',
    'modules_to_save lora_modules_to_save target_parameters lora_target_parameters',
    null,
    [],
  ),
  ...refused(
    'say which layers with lora_target_modules, which takes a regular expression',
    'exclude_modules layers_to_transform layers_pattern',
    null,
    [],
  ),
  ...refused('all layers have one rank and one alpha', 'rank_pattern alpha_pattern', null, {}),
  ...refused('weights are packed by the setting `weights` instead', 'load_in_8bit load_in_4bit', false),
  ...refused('the loss has no label smoothing', 'label_smoothing_factor', 0),
  ...refused('embeddings get no noise', 'neftune_noise_alpha', null),
  ...refused('schedules have no further parameters', 'lr_scheduler_kwargs', null, {}),
  ...refused('sampling has no further parameters', 'generation_kwargs', null, {}),
  ...refused(
    'replies are held to actions by constrain_actions, to nothing else',
    'vllm_structured_outputs_regex',
    null,
  ),
  ...refused('the chat template gets no further parameters', 'chat_template_kwargs', null, {}),
  ...refused('an evaluation plays each start once', 'num_generations_eval', null),
  ...refused('no model here is a mixture of experts', 'router_aux_loss_coef', 0, 0.001),
};

/** Fields that change nothing that is learnt here: where files go, precision, machines, vLLM, logging. They are noted and ignored. */
export const WITHOUT_COUNTERPART: ReadonlySet<string> = new Set(
  words(`
  output_dir num_train_epochs average_tokens_across_devices bf16 bf16_full_eval
  fp16_full_eval tf32 activation_checkpointing activation_checkpointing_kwargs
  gradient_checkpointing_kwargs torch_compile torch_compile_backend torch_compile_mode use_liger_kernel
  liger_kernel_config use_cache torch_empty_cache_steps auto_find_batch_size logging_strategy logging_steps
  logging_first_step log_on_each_node logging_nan_inf_filter include_num_input_tokens_seen log_level log_level_replica
  disable_tqdm report_to run_name project trackio_space_id trackio_bucket_id trackio_static_space_id eval_strategy
  eval_delay per_device_eval_batch_size prediction_loss_only eval_on_start eval_do_concat_batches
  eval_use_gather_object eval_accumulation_steps include_for_metrics batch_eval_metrics save_only_model save_strategy
  save_on_each_node save_total_limit enable_jit_checkpoint push_to_hub hub_token hub_private_repo hub_model_id
  hub_strategy hub_always_push hub_revision metric_for_best_model greater_is_better
  ignore_data_skip restore_callback_states_from_checkpoint full_determinism data_seed use_cpu accelerator_config
  parallelism_config dataloader_drop_last dataloader_num_workers dataloader_pin_memory dataloader_persistent_workers
  dataloader_prefetch_factor dataloader_multiprocessing_context dataloader_in_order remove_unused_columns label_names
  train_sampling_strategy length_column_name ddp_find_unused_parameters ddp_bucket_cap_mb ddp_broadcast_buffers
  ddp_static_graph ddp_backend ddp_timeout fsdp fsdp_config deepspeed debug skip_memory_metrics do_train do_eval
  do_predict resume_from_checkpoint local_rank overwrite_output_dir save_safetensors
  model_init_kwargs trust_remote_code cast_lm_head_to_fp32 ds3_gather_for_generation shuffle_dataset
  pad_to_multiple_of max_prompt_length log_completions log_multimodal
  num_completions_to_print log_unique_prompts log_completions_hub_repo use_transformers_continuous_batching
  transformers_continuous_batching_config use_transformers_paged cache_implementation
  use_vllm vllm_mode vllm_model_impl vllm_enable_sleep_mode vllm_server_base_url
  vllm_server_host vllm_server_port vllm_server_timeout vllm_group_port vllm_gpu_memory_utilization
  vllm_max_model_length vllm_tensor_parallel_size
  model_revision dtype torch_dtype attn_implementation lora_task_type bnb_4bit_quant_type use_bnb_nested_quant
  bnb_4bit_quant_storage dataset_name dataset_config dataset_train_split dataset_test_split dataset_streaming
  peft_type task_type auto_mapping base_model_name_or_path revision inference_mode peft_version megatron_config
  megatron_core
  runtime_config qalora_group_size ensure_weight_tying
  max_seq_length system_prompt browsergym_url default_goal wandb_enabled wandb_project_name wandb_experiment_name
  push_to_hf`),
);
