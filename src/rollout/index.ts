/** What the trainer uses of the rollout. */
export { demonstratingActor, oracleActor, policyActor, randomActor } from './actors.ts';
export { playEpisodes, type PlayOptions } from './episode.ts';
export { generate, promptIdentity, type GenerationRequest } from './generate.ts';
export { turnPrompt, type PromptOptions } from './prompt.ts';
export type { Actor, Episode, EpisodeSpec, Sample, SamplingOptions, Turn } from './types.ts';
