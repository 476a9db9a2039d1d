/** Demonstrations: what each oracle does on training seeds, kept small enough that tens of thousands fit in memory. */
import { deflateSync, inflateSync } from 'fflate';
import { CodedError, toErrorInfo } from '../errors.ts';
import type { ImagePatches, Sequence } from '../models/policy.ts';
import { oracleActor, playEpisodes, type EpisodeSpec } from '../rollout/index.ts';
import { phaseReporter, slotReporter, type RunContext } from './context.ts';
import { TrainerError } from './errors.ts';
import { trainSeed } from './seeds.ts';

/** One turn of an oracle. */
export interface Demonstration {
  ids: Int32Array;
  images: PackedImage[];
  completion: Int32Array;
}

type PackedImage = Omit<ImagePatches, 'bytes'> & { packed: Uint8Array };

/** An oracle may take more turns than max_turns grants a policy: a demonstration cut short would teach nothing of its end. */
const MAX_TURNS = 24;

/** Episodes played before their screenshots are packed: unpacked, a thousand of them take hundreds of megabytes. */
const CHUNK = 256;

/**
 * `sft_demonstrations` episodes of every task, in an order that depends on nothing but the configuration.
 * Episodes that an oracle did not solve are left out, with a warning.
 *
 * @throws {TrainerError} environment-failed when none was solved.
 */
export async function collectDemonstrations(context: RunContext, step: number): Promise<Demonstration[]> {
  const { config, policy, environment } = context;
  const specs: EpisodeSpec[] = Array.from({ length: config.sft_demonstrations }, (_, i) =>
    config.tasks.map((task, group) => ({
      task,
      seed: trainSeed(config.seed, task, i, 'demonstration'),
      group,
      generation: i,
    })),
  ).flat();
  const report = phaseReporter(context, step, 'collecting', specs.length);
  const actor = oracleActor(environment, policy, context.prompt);
  const packedImages = new Map<string, PackedImage>();
  const demonstrations: Demonstration[] = [];
  let solved = 0;
  let unsolved = '';
  for (let start = 0; start < specs.length; start += CHUNK) {
    const episodes = await playEpisodes(environment, actor, specs.slice(start, start + CHUNK), {
      slots: context.slots,
      maxTurns: MAX_TURNS,
      onTurn: slotReporter(context),
      onEpisode: (_, ended) => report(start + ended),
      gate: context.gate,
    });
    for (const episode of episodes) {
      if (!episode.success) {
        unsolved ||= `${episode.spec.task} with seed ${episode.spec.seed} (${episode.failure || 'no reward'})`;
        continue;
      }
      solved++;
      for (const { sample } of episode.turns) if (sample) demonstrations.push(pack(sample, packedImages));
    }
  }
  if (solved < specs.length) warn(context, specs.length - solved, specs.length, unsolved);
  return demonstrations;
}

/** The sequence of a demonstration, its pixels unpacked. */
export function unpack({ ids, images, completion }: Demonstration): Sequence {
  const unpacked = images.map(({ packed, ...image }) => ({ ...image, bytes: inflateSync(packed) }));
  return { prompt: { ids, images: unpacked, text: '' }, completion };
}

function pack(
  { prompt, completionIds }: { prompt: Sequence['prompt']; completionIds: Int32Array },
  known: Map<string, PackedImage>,
): Demonstration {
  const images = prompt.images.map(({ bytes, ...image }) => {
    const packed = known.get(image.key) ?? { ...image, packed: deflateSync(bytes, { level: 1 }) };
    known.set(image.key, packed);
    return packed;
  });
  return { ids: prompt.ids, images, completion: completionIds };
}

function warn({ runId, emit }: RunContext, lost: number, total: number, first: string): void {
  const message = `${lost} of ${total} demonstrations were not solved by their oracle and are left out, first ${first}.`;
  if (lost === total) throw new TrainerError('environment-failed', { message });
  emit({ kind: 'warning', runId, error: toErrorInfo(new CodedError('demonstrations-lost', { message })) });
}
