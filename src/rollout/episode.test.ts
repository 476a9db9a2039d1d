import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { ScriptedEnvironment } from '../trainer/scripted-environment.testing.ts';
import { playEpisodes } from './episode.ts';
import { turnPrompt } from './prompt.ts';
import type { Actor, EpisodeSpec } from './types.ts';

const SPECS: EpisodeSpec[] = Array.from({ length: 7 }, (_, generation) => ({
  task: 'click-test',
  seed: generation,
  group: 0,
  generation,
}));

/** Says which turn it is. */
const counting: Actor = requests =>
  Promise.resolve(
    requests.map(({ turn }) => ({ text: `turn ${turn}`, promptText: '', screenshot: null, sample: null })),
  );

test('every allowed action is executed, the last one too, and none after the end', async () => {
  const environment = new ScriptedEnvironment({ turns: 9 });
  const episodes = await playEpisodes(environment, counting, SPECS, { slots: 3, maxTurns: 4 });
  for (const episode of episodes) {
    expect(episode.turns.map(turn => turn.action)).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3']);
    expect(episode.done).toBe(false);
  }
  expect(environment.steps).toHaveLength(4 * SPECS.length);
});

test('nobody asks for an observation that no turn will read', async () => {
  const environment = new ScriptedEnvironment({ turns: 9 });
  await playEpisodes(environment, counting, SPECS.slice(0, 1), { slots: 1, maxTurns: 3 });
  expect(environment.steps.map(({ look }) => look)).toEqual(['unless-over', 'unless-over', 'never']);
});

test('an episode that is done is not stepped again while others go on', async () => {
  const environment = new ScriptedEnvironment({ turns: 2 });
  const episodes = await playEpisodes(environment, counting, SPECS, { slots: 3, maxTurns: 4 });
  expect(episodes.map(episode => episode.turns.length)).toEqual(SPECS.map(() => 2));
});

test('more episodes than slots are played in order, each with its own seed', async () => {
  const environment = new ScriptedEnvironment();
  const ended: number[] = [];
  const episodes = await playEpisodes(environment, counting, SPECS, {
    slots: 2,
    maxTurns: 1,
    onEpisode: (_, count) => ended.push(count),
  });
  expect(environment.resets.map(reset => reset.seed)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(episodes.map(episode => episode.spec.seed)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(ended).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('an environment that fails voids its own episode and no other', async () => {
  const environment = new ScriptedEnvironment({ fail: (_, seed) => seed === 2 || seed === 3 });
  const episodes = await playEpisodes(environment, counting, SPECS, { slots: 2, maxTurns: 1 });
  const failed = episodes.filter(episode => episode.failure);
  expect(failed.map(episode => episode.spec.seed)).toEqual([2, 3]);
  expect(failed[0].failure).toContain('threw');
  expect(failed[0].turns).toEqual([]);
  expect(episodes.filter(episode => episode.turns.length === 1)).toHaveLength(5);
});

test('an error that is not the environment’s ends the whole play', async () => {
  const broken: Actor = () => Promise.reject(new Error('the device was lost'));
  const playing = playEpisodes(new ScriptedEnvironment(), broken, SPECS, { slots: 2, maxTurns: 1 });
  await expect(playing).rejects.toThrow('the device was lost');
});

test('the prompt names the last error, cuts a long page, and blinds a policy that is to be blind', async () => {
  const environment = new ScriptedEnvironment({ turns: 3 });
  await environment.reset(0, 'click-test', 3);
  const { observation } = await environment.step(0, 'rubbish');
  const options = {
    observation: { ...DEFAULT_CONFIG.observation, blank_screenshot: true, axtree_max_chars: 12 },
    actionSet: 'bid' as const,
    describeActions: false,
    vision: true,
  };
  const { messages, images } = turnPrompt(observation, 1, options);
  expect(messages[1].content).toEqual([
    { type: 'image' },
    {
      type: 'text',
      text:
        'Step 2\n\nGoal: Click on 13.\n\nPrevious action error: ValueError: nothing of the kind\n\n' +
        'Page structure:\n[13] button ...\n\nWhat action do you take?',
    },
  ]);
  expect(new Set(images[0].data)).toEqual(new Set([128]));
  expect(turnPrompt(observation, 1, { ...options, vision: false }).images).toEqual([]);
});
