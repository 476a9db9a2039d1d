/** Plays episodes side by side, in rounds: every running episode takes one turn, then all frames step at once. */
import type { EnvironmentService, StepResult } from '../protocol.ts';
import type { Actor, Episode, EpisodeSpec } from './types.ts';

export interface PlayOptions {
  /** Episodes that run at once; more of them wait for a free slot. */
  slots: number;
  /** Actions an episode may take; the last one is executed, too. */
  maxTurns: number;
  /** After every step of a slot. */
  onTurn?: (slot: number, episode: Episode) => void;
  /** After every episode, in the order they end. */
  onEpisode?: (episode: Episode, ended: number) => void;
  /** Awaited before every round: may wait, and throws to abandon what is being played. */
  gate?: () => Promise<void>;
  /** What will be played after these, so that the environment can begin ahead. */
  following?: readonly EpisodeSpec[];
}

interface Running {
  episode: Episode;
  index: number;
  slot: number;
  latest: StepResult;
}

/**
 * Plays `specs` and returns their episodes in the same order. Which episode runs in which slot depends on nothing but
 * the episodes, so that batches, and with them the last bits of a policy's numbers, repeat.
 *
 * An EnvironmentError voids its episode and no other. @throws whatever else the environment or the actor throws
 */
export async function playEpisodes(
  environment: EnvironmentService,
  actor: Actor,
  specs: readonly EpisodeSpec[],
  options: PlayOptions,
): Promise<Episode[]> {
  const episodes = specs.map(newEpisode);
  const slots = Array.from({ length: Math.min(options.slots, specs.length) }, (): Running | null => null);
  let next = 0;
  let ended = 0;
  const end = (episode: Episode) => {
    ended++;
    options.onEpisode?.(episode, ended);
  };

  while (ended < specs.length) {
    await options.gate?.();
    const starting: Promise<void>[] = [];
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot] || next === specs.length) continue;
      const index = next++;
      starting.push(
        guarded(episodes[index], async () => {
          const { task, seed } = specs[index];
          const latest = await environment.reset(slot, task, seed);
          const following = specs[index + slots.length] ?? options.following?.[slot];
          if (following) void environment.expect(slot, following.task, following.seed);
          episodes[index].goal = latest.observation.goal;
          slots[slot] = { episode: episodes[index], index, slot, latest };
        }).then(alive => void (alive || end(episodes[index]))),
      );
    }
    await Promise.all(starting);

    const running = slots.filter(slot => slot !== null);
    if (running.length === 0) continue;
    await takeTurns(environment, actor, running, options);
    for (const { episode, slot } of running) {
      if (!episode.failure && !episode.done && episode.turns.length < options.maxTurns) continue;
      slots[slot] = null;
      end(episode);
    }
  }
  return episodes;
}

async function takeTurns(
  environment: EnvironmentService,
  actor: Actor,
  running: readonly Running[],
  options: PlayOptions,
): Promise<void> {
  const replies = await actor(
    running.map(({ episode, slot, latest }) => ({
      spec: episode.spec,
      slot,
      turn: episode.turns.length,
      observation: latest.observation,
    })),
  );
  await Promise.all(
    running.map(async (run, i) => {
      const { episode } = run;
      await guarded(episode, async () => {
        const reply = replies[i];
        if (reply instanceof Error) throw reply;
        const { text, promptText, screenshot, sample } = reply;
        const last = episode.turns.length + 1 >= options.maxTurns;
        run.latest = await environment.step(run.slot, text, last ? 'never' : 'unless-over');
        const { observation, reward, rawReward, done } = run.latest;
        episode.turns.push({
          sample,
          completion: text,
          promptText,
          screenshot,
          action: observation.lastAction,
          error: observation.lastActionError,
          reward,
          rawReward,
        });
        episode.stepRewards.push(reward);
        episode.rawReward = rawReward;
        episode.done = done;
        episode.success = reward > 0;
      });
      options.onTurn?.(run.slot, episode);
    }),
  );
}

/** Runs an act of the environment; its own errors void the episode. False when it did. */
async function guarded(episode: Episode, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    // By name, because the class does not survive the way from page to worker.
    if (!(error instanceof Error) || error.name !== 'EnvironmentError') throw error;
    episode.failure = error.message;
    episode.success = false;
    return false;
  }
}

function newEpisode(spec: EpisodeSpec): Episode {
  return {
    spec,
    goal: '',
    turns: [],
    stepRewards: [],
    rawReward: 0,
    done: false,
    success: false,
    failure: '',
  };
}
