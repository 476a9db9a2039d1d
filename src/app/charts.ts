/** Which curves are shown, and in which colours. */

/** Colours of what lies side by side, tasks or runs: apart in hue and lightness, after Okabe and Ito. */
export const SERIES_COLORS = [
  '#e69f00',
  '#56b4e9',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#0072b2',
  '#999933',
  '#882255',
];

/** Small charts: title and the metrics in them, by TRL's names. A chart shows when one of its metrics is there. */
export const CHARTS: { title: string; metrics: [name: string, label: string][] }[] = [
  {
    title: 'Reward',
    metrics: [
      ['reward', 'mean'],
      ['reward_std', 'std'],
    ],
  },
  { title: 'Loss', metrics: [['loss', 'loss']] },
  { title: 'Token accuracy', metrics: [['mean_token_accuracy', 'accuracy']] },
  { title: 'Entropy', metrics: [['entropy', 'nats a token']] },
  { title: 'Gradient norm', metrics: [['grad_norm', 'before clipping']] },
  { title: 'KL to the reference', metrics: [['kl', 'KL']] },
  { title: 'Groups that teach nothing', metrics: [['frac_reward_zero_std', 'all alike']] },
  { title: 'Clipped tokens', metrics: [['clip_ratio/region_mean', 'share']] },
  { title: 'Reply length', metrics: [['completions/mean_length', 'tokens']] },
  { title: 'Learning rate', metrics: [['learning_rate', 'rate']] },
  { title: 'Seconds a step', metrics: [['step_time', 's']] },
];
