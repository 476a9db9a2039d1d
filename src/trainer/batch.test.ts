/** What becomes of a batch: its groups, those that teach nothing, and episodes that are lost. */
import { expect, test } from 'vitest';
import type { RunConfig } from '../config.ts';
import type { EpisodeRecord, RunEvent } from '../protocol.ts';
import { exported, run } from './harness.testing.ts';
import { ScriptedEnvironment } from './scripted-environment.testing.ts';
import { heldOutSeed } from './seeds.ts';

test('members of a group start from the same task and seed, and training never sees a held-out seed', async () => {
  const environment = new ScriptedEnvironment({ turns: 1 });
  const { episodes } = await run({ eval_steps: 2, eval_episodes: 3 }, environment);
  const training = episodes.filter(episode => episode.split === 'train');
  const starts = new Map<string, Set<string>>();
  for (const { step, group, task, seed } of training) {
    const key = `${step}/${group}`;
    starts.set(key, (starts.get(key) ?? new Set()).add(`${task} ${seed}`));
  }
  expect(starts.size).toBe(8);
  for (const members of starts.values()) expect(members.size).toBe(1);
  expect(new Set([...starts.values()].flatMap(members => [...members])).size).toBe(8);

  const evaluated = episodes.filter(episode => episode.split === 'held-out');
  expect([...new Set(evaluated.map(episode => episode.step))]).toEqual([0, 2, 4]);
  expect(evaluated).toHaveLength(3 * 2 * 3);
  for (const { seed } of evaluated) expect(seed).toBeGreaterThanOrEqual(heldOutSeed(0));
  for (const { seed } of training) expect(seed).toBeLessThan(heldOutSeed(0));
});

test('groups without spread are not computed, and nothing changes by that', async () => {
  // Only one of the two groups of a step has any spread.
  const reward = (text: string, seed: number) => (seed % 2 === 0 ? 1 : Number(text.length % 2 === 0));
  const skipped = await run({ max_steps: 2 }, new ScriptedEnvironment({ turns: 1, reward }));
  // A KL term too small to matter makes every row be computed.
  const all = await run({ max_steps: 2, beta: 1e-30 }, new ScriptedEnvironment({ turns: 1, reward }));
  for (const step of [0, 1]) {
    expect(skipped.metrics[step].loss).toBeCloseTo(all.metrics[step].loss, 6);
    expect(skipped.metrics[step].grad_norm).toBeCloseTo(all.metrics[step].grad_norm, 6);
  }
  expect(skipped.metrics.some(metrics => metrics.frac_reward_zero_std === 0.5)).toBe(true);
});

test('a batch in which all rewards are alike leaves the policy as it was', async () => {
  const flat = new ScriptedEnvironment({ turns: 1, reward: () => 1 });
  const { metrics, trainer } = await run({ max_steps: 2 }, flat);
  const untouched = await run({ max_steps: 0 }, new ScriptedEnvironment());
  expect(metrics.map(step => [step.loss, step.grad_norm, step.reward])).toEqual([
    [0, 0, 1],
    [0, 0, 1],
  ]);
  expect(await exported(trainer)).toEqual(await exported(untouched.trainer));
});

test('groups without spread leave the batch, or others are played in their place', async () => {
  // Half of all seeds pay for whatever is said.
  const reward = (text: string, seed: number) => (seed % 2 === 0 ? 1 : Number(text.length % 2 === 0));
  const environment = () => new ScriptedEnvironment({ turns: 1, reward });
  const used = (episodes: EpisodeRecord[]) =>
    new Set(episodes.filter(e => e.advantage !== 0).map(e => e.group));
  const kept = await run({ max_steps: 2 }, environment());
  const dropping = await run({ max_steps: 2, zero_std_groups: 'drop' }, environment());
  expect(dropping.episodes).toHaveLength(kept.episodes.length);
  const half = dropping.metrics.findIndex(step => step['groups/dropped'] === 1);
  // Nothing dilutes the half of the batch that is left.
  expect(Math.abs(dropping.metrics[half].loss)).toBeGreaterThanOrEqual(Math.abs(kept.metrics[half].loss));
  const { episodes, metrics } = await run({ max_steps: 1, zero_std_groups: 'resample' }, environment());
  expect(used(episodes).size).toBe(2);
  expect(metrics[0]['groups/dropped']).toBe(episodes.length / 4 - 2);
});

test('a run whose tries all earn the same says so, once, after three steps', async () => {
  const codes = (events: RunEvent[]) =>
    events.flatMap(event => (event.kind === 'warning' ? [event.error.code] : []));
  const { events, metrics } = await run({ max_steps: 6 }, new ScriptedEnvironment({ reward: () => 1 }));
  expect(metrics.map(({ frac_reward_zero_std }) => frac_reward_zero_std)).toEqual(Array(6).fill(1));
  expect(codes(events)).toEqual(['no-spread']);
  const at = events.findIndex(event => event.kind === 'warning');
  expect(events.slice(0, at).filter(event => event.kind === 'metrics')).toHaveLength(2);

  const varied = await run({ max_steps: 4 }, new ScriptedEnvironment());
  expect(codes(varied.events)).toEqual([]);
});

test("a curriculum and a user's reward decide what is played and what it is worth, also after a resume", async () => {
  const config: Partial<RunConfig> = {
    curriculum: 'order',
    curriculum_threshold: 0.3,
    reward_funcs: ['custom', 'success'],
    custom_reward: 'episode => episode.turns.length',
    max_steps: 6,
  };
  const environment = () => new ScriptedEnvironment({ turns: 1 });
  const whole = await run(config, environment());
  expect(new Set(whole.episodes.filter(e => e.step <= 2).map(e => e.task))).toEqual(new Set(['click-test']));
  expect(new Set(whole.episodes.map(e => e.task)).size).toBe(2);
  for (const { rewards, success } of whole.episodes) expect(rewards).toEqual([1, Number(success)]);
  const runId = crypto.randomUUID();
  await run(config, environment(), {
    runId,
    onEvent: (event, trainer) => void (event.kind === 'metrics' && event.step === 3 && trainer.stop()),
  });
  const rest = await run(config, environment(), { runId, resumeAt: 3 });
  expect(rest.metrics).toEqual(whole.metrics.slice(3));
});

test('an episode whose environment failed is dropped and counted, not scored 0', async () => {
  const failing = new ScriptedEnvironment({ turns: 1, fail: task => task === 'click-button' });
  const { metrics, episodes, events } = await run({ max_steps: 1 }, failing);
  expect(metrics[0]['episodes/failed']).toBe(4);
  const alive = episodes.filter(episode => !episode.failure);
  expect(alive).toHaveLength(4);
  const mean = alive.reduce((sum, episode) => sum + episode.reward, 0) / 4;
  expect(metrics[0].reward).toBeCloseTo(mean, 12);
  for (const episode of episodes.filter(({ failure }) => failure)) {
    expect(episode.reward).toBeNaN();
    expect(episode.advantage).toBe(0);
  }
  const warning = events.find(event => event.kind === 'warning');
  expect(warning?.kind === 'warning' && warning.error.code).toBe('episodes-lost');
});

test('when every environment fails, the run ends with a sentence, not with zeros', async () => {
  const failing = new ScriptedEnvironment({ fail: () => true });
  await expect(run({ max_steps: 1 }, failing)).rejects.toMatchObject({ code: 'environment-failed' });
});

test('an episode that its environment lost is played again, from the same start', async () => {
  const failedOnce = new Set<string>();
  let resets = 0;
  const flaky = new ScriptedEnvironment({
    turns: 1,
    fail: (task, seed) => {
      // The third reset of all fails, once.
      if (++resets !== 3) return false;
      failedOnce.add(`${task} ${seed}`);
      return true;
    },
  });
  const { metrics, episodes } = await run({ max_steps: 1 }, flaky);
  expect(metrics[0]).toMatchObject({ 'episodes/failed': 0, 'episodes/replaced': 1 });
  expect(episodes).toHaveLength(8);
  expect(episodes.every(episode => !episode.failure && episode.generation < 4)).toBe(true);
  const starts = episodes.map(({ task, seed }) => `${task} ${seed}`);
  expect(starts.filter(start => failedOnce.has(start))).toHaveLength(4);
});
