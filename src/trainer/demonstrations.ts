/** Demonstrations: what each oracle does on training seeds, and what a person recorded, kept small enough that tens of thousands fit in memory. */
import { deflateSync, inflateSync } from 'fflate';
import type { ImagePatches, Sequence } from '../models/policy.ts';
import type { ActionTrace, EnvironmentService } from '../protocol.ts';
import {
  demonstratingActor,
  oracleActor,
  playEpisodes,
  type Episode,
  type EpisodeSpec,
} from '../rollout/index.ts';
import { type RunContext } from './context.ts';
import type { Collection } from './collection.ts';
import { TrainerError } from './errors.ts';
import { trainSeed } from './seeds.ts';

/** One turn of an oracle or of a person. */
export interface Demonstration {
  task: string;
  /** Place of its episode in the order of collection; the turns of one episode share it. */
  episode: number;
  ids: Int32Array;
  images: PackedImage[];
  completion: Int32Array;
}

export type PackedImage = Omit<ImagePatches, 'bytes'> & { packed: Uint8Array };

/** An oracle may take more turns than max_turns grants a policy: a demonstration cut short would teach nothing of its end. */
const MAX_TURNS = 24;

/** Episodes played before their screenshots are packed: unpacked, a thousand of them take hundreds of megabytes. */
const CHUNK = 64;

/** Episodes collected ahead of what is asked for: enough that steps seldom wait, few enough that a pause comes to rest. */
const AHEAD = 1024;

/**
 * `sft_demonstrations` episodes of every task, the tasks taking turns, in an order that depends on nothing but the
 * configuration. They are collected while the first of them are learned from. Episodes that an oracle did not solve are
 * left out and counted.
 */
export class DemonstrationStream {
  readonly collected: Demonstration[];
  /** Turns of what a person recorded, played again so that they are seen as the run's settings have it. */
  readonly recorded: Demonstration[] = [];
  /** Episodes played so far, and how many of them their oracle did not solve. */
  played: number;
  unsolved: number;
  /** Recorded ones that did not solve their task when played again, as under another action set. */
  outdated = 0;
  /** The first that was not solved, in words. */
  firstUnsolved = '';
  readonly total: number;
  /** Whether every step may draw from all of them: they were there before the first. */
  readonly all: boolean;
  readonly #environment: EnvironmentService;
  readonly #packed = new Map<string, PackedImage>();
  #wanted = 0;
  #running = false;
  /** Those who wait for the next round of episodes. */
  #waiting: (() => void)[] = [];
  #failure: unknown = null;
  #stopped = false;

  /**
   * @param traces  what a person recorded
   * @param onProgress  told after every episode
   */
  constructor(
    readonly context: RunContext,
    readonly traces: readonly ActionTrace[],
    readonly onProgress: (played: number, total: number) => void,
    /** What was collected before, all of it: nothing is played then. */
    kept: Collection | null = null,
  ) {
    this.total = kept?.played ?? context.config.sft_demonstrations * context.config.tasks.length;
    this.all = kept !== null;
    this.collected = kept?.demonstrations ?? [];
    this.played = kept?.played ?? 0;
    this.unsolved = kept?.unsolved ?? 0;
    this.#environment = fromSlot(context.environment, context.slots);
  }

  /**
   * Resolves once the first `episodes` episodes (at most `total`) are there.
   * @throws {TrainerError} environment-failed when none of them was solved, and whatever else playing them throws.
   */
  async atLeast(episodes: number): Promise<void> {
    const needed = Math.min(this.total, episodes);
    this.#wanted = Math.max(this.#wanted, needed);
    while (this.played < needed) {
      this.#start();
      await new Promise<void>(resolve => this.#waiting.push(resolve));
      if (this.#failure) throw this.#failure;
    }
    // More in the background: what comes next will be asked for soon.
    if (this.played < Math.min(this.total, this.#wanted + AHEAD)) this.#start();
    if (this.collected.length + this.recorded.length === 0) {
      throw new TrainerError('environment-failed', {
        message: this.firstUnsolved
          ? `No demonstration was solved, first ${this.firstUnsolved}. Choose other tasks, or record how they are done.`
          : 'There is no demonstration to learn from: sft_demonstrations is 0 and none was recorded for these tasks. Raise it, or record some.',
      });
    }
  }

  /** Plays the recorded demonstrations; to be called once, before the oracles'. */
  async replay(): Promise<void> {
    const { policy, prompt, spareSlots, config } = this.context;
    if (this.traces.length === 0) return;
    const specs = this.traces.map(({ task, seed }, generation) => ({
      task,
      seed,
      group: config.tasks.indexOf(task),
      generation,
    }));
    const actor = demonstratingActor(policy, prompt, async ({ spec, turn }) => {
      return this.traces[spec.generation].actions[turn] ?? '';
    });
    const episodes = await playEpisodes(this.#environment, actor, specs, {
      slots: spareSlots,
      maxTurns: Math.max(...this.traces.map(({ actions }) => actions.length)),
    });
    for (const [i, episode] of episodes.entries()) this.#take(episode, i, this.recorded);
  }

  /** Ends the collection after the round that is being played. */
  stop(): void {
    this.#stopped = true;
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#collect().finally(() => {
      this.#running = false;
      this.#wake();
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Plays until it is AHEAD of what is wanted, all is there, or it is stopped; a failure waits for who asks next. */
  async #collect(): Promise<void> {
    const { policy, prompt, spareSlots } = this.context;
    const actor = oracleActor(this.#environment, policy, prompt);
    try {
      do {
        const specs = this.#specs(this.played, Math.min(this.total, this.played + CHUNK));
        const before = this.played;
        const episodes = await playEpisodes(this.#environment, actor, specs, {
          slots: spareSlots,
          maxTurns: MAX_TURNS,
          onEpisode: (_, ended) => this.onProgress(before + ended, this.total),
          gate: async () => {
            if (this.#stopped) throw new CollectionStopped();
          },
          following: this.#specs(before + specs.length, before + specs.length + spareSlots),
        });
        for (const [i, episode] of episodes.entries()) this.#take(episode, before + i, this.collected);
        this.played += episodes.length;
        this.#wake();
      } while (this.played < Math.min(this.total, this.#wanted + AHEAD));
    } catch (error) {
      if (!(error instanceof CollectionStopped)) this.#failure = error;
    }
  }

  #take(episode: Episode, index: number, into: Demonstration[]): void {
    if (!episode.success) {
      if (into === this.recorded) this.outdated++;
      else this.unsolved++;
      const { task, seed } = episode.spec;
      this.firstUnsolved ||= `${task} with seed ${seed} (${episode.failure || 'no reward'})`;
      return;
    }
    for (const { sample } of episode.turns) {
      if (sample) into.push(this.#pack(sample, episode.spec.task, index));
    }
  }

  #specs(from: number, to: number): EpisodeSpec[] {
    const { tasks, seed } = this.context.config;
    return Array.from({ length: Math.max(0, Math.min(to, this.total) - from) }, (_, i) => {
      const group = (from + i) % tasks.length;
      const generation = Math.floor((from + i) / tasks.length);
      const task = tasks[group];
      return { task, seed: trainSeed(seed, task, generation, 'demonstration'), group, generation };
    });
  }

  #pack(
    { prompt, completionIds }: { prompt: Sequence['prompt']; completionIds: Int32Array },
    task: string,
    episode: number,
  ): Demonstration {
    const images = prompt.images.map(({ bytes, ...image }) => {
      const packed = this.#packed.get(image.key) ?? { ...image, packed: deflateSync(bytes, { level: 1 }) };
      this.#packed.set(image.key, packed);
      return packed;
    });
    return { task, episode, ids: prompt.ids, images, completion: completionIds };
  }
}

class CollectionStopped extends Error {}

/** The sequence of a demonstration, its pixels unpacked. */
export function unpack({ ids, images, completion }: Demonstration): Sequence {
  const unpacked = images.map(({ packed, ...image }) => ({ ...image, bytes: inflateSync(packed) }));
  return { prompt: { ids, images: unpacked, text: '' }, completion };
}

/** The environment seen from slot `first` on, so that two may play side by side. */
function fromSlot(environment: EnvironmentService, first: number): EnvironmentService {
  return {
    capacity: async () => (await environment.capacity()) - first,
    reset: (slot, task, seed) => environment.reset(slot + first, task, seed),
    expect: (slot, task, seed) => environment.expect(slot + first, task, seed),
    step: (slot, text, look) => environment.step(slot + first, text, look),
    oracle: slot => environment.oracle(slot + first),
    judge: (source, episodes) => environment.judge(source, episodes),
  };
}
