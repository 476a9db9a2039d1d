/**
 * Demonstrations as a file: collected once, learned from in as many warm starts as one likes, together with other files. It
 * says what it was collected for, and is refused where that is something else.
 */
import { deflateSync } from 'fflate';
import type { RunConfig } from '../config.ts';
import { hashKey } from '../gpu/index.ts';
import type { Policy } from '../models/policy.ts';
import {
  splitCollection,
  unfit,
  VERSION,
  type Contents,
  type Fingerprint,
  type Turn,
} from './collection-file.ts';
import type { Demonstration, PackedImage } from './demonstrations.ts';

/** Settings that decide what is collected: with others the demonstrations would not be what the policy is going to see. */
const DECIDING = [
  'action_set',
  'multiaction',
  'retry_with_force',
  'environment',
  'observation',
] as const satisfies (keyof RunConfig)[];

/** Words, digits, brackets and quotes: tokenizers that agree on it are taken for the same. */
const PROBE = `[13] button 'OK', clickable\n\tclick('13') fill("a7", 'Zürich 2048') Goal: Select xk9 and Submit`;

export interface Collection {
  /** Episodes played, those that their oracle did not solve among them. */
  played: number;
  unsolved: number;
  demonstrations: Demonstration[];
}

/** @returns the length of the contents in four bytes, the contents (deflated JSON), then the deflated pixels */
export function writeCollection(config: RunConfig, policy: Policy, collection: Collection): Uint8Array {
  const { played, unsolved, demonstrations } = collection;
  const places = new Map<string, number>();
  const images: PackedImage[] = [];
  const placeOf = (image: PackedImage): number => {
    const known = places.get(image.key);
    if (known !== undefined) return known;
    places.set(image.key, images.length);
    return images.push(image) - 1;
  };
  const turns = demonstrations.map(({ task, episode, ids, completion, images: own }): Turn => ({
    task,
    episode,
    ids: [...ids],
    completion: [...completion],
    images: own.map(placeOf),
  }));
  const contents: Contents = {
    version: VERSION,
    played,
    unsolved,
    ...fingerprint(config, policy),
    images: images.map(({ packed, ...image }) => ({ ...image, bytes: packed.length })),
    turns,
  };
  const head = deflateSync(new TextEncoder().encode(JSON.stringify(contents)));
  const parts = [
    new Uint8Array(Uint32Array.of(head.length).buffer),
    head,
    ...images.map(({ packed }) => packed),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * Several collections as one: the episodes of each task follow one another, in the places that they would have in one
 * collection of the run's tasks.
 */
export function joinCollections(collections: readonly Collection[], tasks: readonly string[]): Collection {
  const counts = new Map<string, number>();
  let highest = 0;
  const placed = collections.map(({ demonstrations }) => {
    const places = new Map<number, number>();
    return demonstrations.map(turn => {
      let episode = places.get(turn.episode);
      if (episode === undefined) {
        const before = counts.get(turn.task) ?? 0;
        counts.set(turn.task, before + 1);
        episode = before * tasks.length + tasks.indexOf(turn.task);
        places.set(turn.episode, episode);
        highest = Math.max(highest, episode + 1);
      }
      return { ...turn, episode };
    });
  });
  return {
    played: highest,
    unsolved: collections.reduce((sum, { unsolved }) => sum + unsolved, 0),
    demonstrations: placed.flat(),
  };
}

/**
 * Files of fewer tasks than the run's are fine, and so are other seeds.
 * @throws {TrainerError} demonstrations-unfit for a file that is none, is cut short, or was collected for something else
 */
export function readCollection(file: Uint8Array, config: RunConfig, policy: Policy): Collection {
  const { contents, pixels } = splitCollection(file);
  const { version, played, unsolved, turns } = contents;
  if (version !== VERSION)
    throw unfit(
      `The file of demonstrations has version ${version}, and this page reads ${VERSION}. Collect them anew.`,
    );
  const wanted = fingerprint(config, policy);
  const differing = [
    ...(contents.family !== wanted.family || contents.tokenizer !== wanted.tokenizer ? ['policy'] : []),
    ...DECIDING.filter(name => JSON.stringify(contents.settings[name]) !== JSON.stringify(config[name])),
    ...(contents.tasks.every(task => config.tasks.includes(task)) ? [] : ['list of tasks']),
  ];
  if (differing.length > 0)
    throw unfit(`The demonstrations were collected with another ${differing.join(', ')}. Collect them anew.`);
  let at = 0;
  const images = contents.images.map(({ bytes, ...image }) => {
    at += bytes;
    return { ...image, packed: pixels.subarray(at - bytes, at) };
  });
  if (at !== pixels.length) throw unfit('The file of demonstrations is cut short. Copy or collect it anew.');
  return {
    played,
    unsolved,
    demonstrations: turns.map(turn => ({
      ...turn,
      ids: Int32Array.from(turn.ids),
      completion: Int32Array.from(turn.completion),
      images: turn.images.map(place => images[place]),
    })),
  };
}

function fingerprint(config: RunConfig, policy: Policy): Fingerprint {
  return {
    family: policy.info.family,
    tokenizer: hashKey(...policy.tokenizer.encode(PROBE)),
    settings: Object.fromEntries(DECIDING.map(name => [name, config[name]])),
    tasks: config.tasks,
  };
}
