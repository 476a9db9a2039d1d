/** What the trainer uses of the rollout. */
export { demonstratingActor, oracleActor, policyActor, randomActor, replyIds } from './actors.ts';
export { playEpisodes, type PlayOptions } from './episode.ts';
export { promptIdentity } from '../models/prompt-identity.ts';
export { generate, type GenerationRequest } from './generate.ts';
export { actionConstraints, type Constraint } from './grammar/index.ts';
export { turnPrompt, type PromptOptions } from './prompt.ts';
export type { SamplingOptions } from '../models/policy.ts';
export type { Actor, Episode, EpisodeSpec, Sample, Turn } from './types.ts';
