/** Settings of a warm start from nothing, wherever a command or a recipe says nothing else. */
import type { RunConfig } from '../../src/config.ts';

export const WARM_START: Partial<RunConfig> = {
  method: 'sft',
  // Some tasks can be done with coordinates, keys or a dragged mouse alone.
  action_set: 'all',
  use_peft: false,
  train_vision: true,
  // The text of the prompts teaches to copy words long before the few tokens of the replies do.
  assistant_only_loss: false,
  prompt_loss_weight: 0.1,
  // A task that is known is left alone, and the steps go where there is more to learn.
  sft_target: 0.95,
  learning_rate: 2e-3,
  lr_scheduler_type: 'constant_with_warmup',
  warmup_steps: 100,
  adam_beta2: 0.98,
  weight_decay: 0.01,
  save_steps: 1_000_000,
};

/** Oracle episodes of every task whose texts a tokenizer is learned from, and how many entries it gets. */
export const TOKENIZER = { episodes: 40, vocabulary: 3072 };
