/** Who plays: the policy, the tasks' oracles, or chance. */
import { hashKey } from '../gpu/index.ts';
import type { Policy, SamplingOptions } from '../models/policy.ts';
import type { EnvironmentService } from '../protocol.ts';
import { generate } from './generate.ts';
import { turnPrompt, type PromptOptions } from './prompt.ts';
import type { Actor, EpisodeSpec, TurnRequest } from './types.ts';

/** @param keyOf  names the random draws of one turn of one episode. */
export function policyActor(
  policy: Policy,
  options: PromptOptions,
  sampling: SamplingOptions,
  keyOf: (spec: EpisodeSpec, turn: number) => number,
): Actor {
  return async requests => {
    const asked = requests.map(({ spec, turn, observation }) => {
      const { messages, images } = turnPrompt(observation, turn, options);
      return { prompt: policy.prepare(messages, images), key: keyOf(spec, turn), image: images[0] ?? null };
    });
    const samples = await generate(policy, asked, sampling);
    return samples.map((sample, i) => ({
      text: policy.tokenizer.decode(sample.completionIds, { skipSpecial: true }),
      promptText: sample.prompt.text,
      screenshot: asked[i].image,
      sample,
    }));
  };
}

/**
 * Plays what each task's scripted oracle says, as demonstrations for the policy: the prompt is what the policy would have
 * seen, the completion what it should have said. An oracle without a move says nothing, which ends nothing and earns nothing.
 */
export function oracleActor(environment: EnvironmentService, policy: Policy, options: PromptOptions): Actor {
  return demonstratingActor(policy, options, ({ slot }) => environment.oracle(slot));
}

/** Plays what `say` says of each turn, as an oracle does. */
export function demonstratingActor(
  policy: Policy,
  options: PromptOptions,
  say: (request: TurnRequest) => Promise<string>,
): Actor {
  return requests =>
    Promise.all(
      requests.map(async request => {
        try {
          const { turn, observation } = request;
          const text = await say(request);
          const { messages, images } = turnPrompt(observation, turn, options);
          const prompt = policy.prepare(messages, images);
          const completionIds = replyIds(policy, text);
          const sample = {
            prompt,
            completionIds,
            logps: new Float32Array(completionIds.length),
            truncated: false,
          };
          return { text, promptText: prompt.text, screenshot: images[0] ?? null, sample };
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
      }),
    );
}

/** The completion that says `text` and ends the turn. */
export function replyIds({ tokenizer }: Policy, text: string): Int32Array {
  return Int32Array.from([...tokenizer.encode(text), tokenizer.eosIds[0]]);
}

/** Clicks an element of the page's text, each as likely as any other: the floor that a policy must beat. */
export function randomActor(runSeed: number): Actor {
  return requests =>
    Promise.resolve(
      requests.map(({ spec, turn, observation }) => {
        const bids = [...observation.axtree.matchAll(/\[([^\]\s]+)\]/g)].map(match => match[1]);
        const draw = hashKey(runSeed, spec.task, spec.seed, spec.generation, turn, 'random-action');
        return {
          text: bids.length > 0 ? `click('${bids[draw % bids.length]}')` : 'noop()',
          promptText: observation.axtree,
          screenshot: observation.screenshot,
          sample: null,
        };
      }),
    );
}
