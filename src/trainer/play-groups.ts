/** Groups of episodes from equal starts: played, and what the environment lost played again. */
import { hashKey } from '../gpu/index.ts';
import type { Progress } from '../grpo/curriculum.ts';
import { playEpisodes, policyActor, type Episode, type EpisodeSpec } from '../rollout/index.ts';
import { phaseReporter, slotReporter, trainingSampling, type RunContext } from './context.ts';
import { groupStart } from './seeds.ts';

/** Times that an episode is played again from its own start after its environment failed. */
const ATTEMPTS = 2;

export interface PlayedGroups {
  /** Members of a group side by side, in the order of the groups. */
  episodes: Episode[];
  /** Episodes that failed in their environment and then succeeded in being played. */
  replaced: number;
}

export interface GroupRequest {
  /** Of the generation batch. */
  index: number;
  /** For which optimizer step. */
  step: number;
  /** 0, or which round of groups in the place of others. */
  round: number;
  groups: number;
  progress: Progress;
}

export async function playGroups(context: RunContext, request: GroupRequest): Promise<PlayedGroups> {
  const { config, policy, environment } = context;
  const { index, step } = request;
  const keyOf = (spec: EpisodeSpec, turn: number): number =>
    hashKey(config.seed, index, spec.group, spec.generation, turn, 'sample');
  const { prompt, constraintOf } = context;
  const actor = policyActor(policy, prompt, trainingSampling(config), keyOf, constraintOf);
  const play = async (specs: EpisodeSpec[], following: EpisodeSpec[] = []) => {
    const report = phaseReporter(context, step, 'rolling-out', specs.length);
    return playEpisodes(environment, actor, specs, {
      slots: context.slots,
      maxTurns: config.max_turns,
      onTurn: slotReporter(context),
      onEpisode: (_, ended) => report(ended),
      gate: context.gate,
      following,
    });
  };

  // As far as they are known now: a curriculum may choose others.
  const following = groupSpecs(context, { ...request, index: index + 1, round: 0 });
  const episodes = await play(groupSpecs(context, request), following);
  let replaced = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const lost = episodes.flatMap((episode, i) => (episode.failure ? i : []));
    if (lost.length === 0 || lost.length === episodes.length) break;
    // Another generation number, so that the policy's draws are new; the start stays the group's.
    const shift = attempt * config.num_generations;
    const again = await play(
      lost.map(i => ({ ...episodes[i].spec, generation: episodes[i].spec.generation + shift })),
    );
    again.forEach((episode, k) => {
      if (episode.failure) return;
      replaced++;
      episodes[lost[k]] = { ...episode, spec: episodes[lost[k]].spec };
    });
  }
  return { episodes, replaced };
}

function groupSpecs({ config }: RunContext, { index, round, groups, progress }: GroupRequest): EpisodeSpec[] {
  const size = config.num_generations;
  return Array.from({ length: groups * size }, (_, i) => {
    const place = Math.floor(i / size);
    const start = groupStart(config, progress, index * groups + place, round);
    return { ...start, group: round * groups + place, generation: i % size };
  });
}
