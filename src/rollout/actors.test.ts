import { expect, test, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { startBackend } from '../gpu/index.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import { loadPolicy } from '../models/load.ts';
import { ScriptedEnvironment } from '../trainer/scripted-environment.testing.ts';
import { policyActor } from './actors.ts';
import type { TurnRequest } from './types.ts';

test('who is told and shown the same has one prompt; another word or another pixel makes another', async () => {
  await startBackend('wasm');
  const policy = await loadPolicy({ files: await fixtureFiles('lfm2_vl') });
  const prepare = vi.spyOn(policy, 'prepare');
  const environment = new ScriptedEnvironment();
  const request = async (generation: number): Promise<TurnRequest> => {
    const { observation } = await environment.reset(0, 'click-test', 1);
    return { spec: { task: 'click-test', seed: 1, group: 0, generation }, slot: 0, turn: 0, observation };
  };
  const requests = [await request(0), await request(1), await request(2), await request(3)];
  requests[2].observation.goal += ' Now.';
  requests[3].observation.screenshot!.data.fill(255, -3);
  const options = {
    observation: DEFAULT_CONFIG.observation,
    actionSet: 'bid' as const,
    describeActions: false,
    vision: true,
  };
  const sampling = { maxTokens: 2, temperature: 1, topK: 0, topP: 1, minP: null, repetitionPenalty: 1 };
  const actor = policyActor(policy, options, sampling, ({ generation }) => generation);
  const replies = await actor(requests);
  const prompts = replies.map(reply => (reply as Exclude<typeof reply, Error>).sample!.prompt);
  expect(prompts[1]).toBe(prompts[0]);
  expect(prompts[2].text).not.toBe(prompts[0].text);
  expect(prompts[3].images[0].key).not.toBe(prompts[0].images[0].key);
  expect(prepare).toHaveBeenCalledTimes(3);
  policy.dispose();
});
