/** Who plays: the policy, the tasks' oracles, or chance. */
import { hashKey } from '../gpu/index.ts';
import type { Policy, Prompt, SamplingOptions } from '../models/policy.ts';
import type { EnvironmentService, Observation, Pixels } from '../protocol.ts';
import { generate } from './generate.ts';
import type { Constraint } from './grammar/index.ts';
import { turnPrompt, type PromptOptions, type TurnPrompt } from './prompt.ts';
import type { Actor, EpisodeSpec, TurnRequest } from './types.ts';

/**
 * @param keyOf  names the random draws of one turn of one episode
 * @param constraintOf  what may be said to what is observed; null for anything
 */
export function policyActor(
  policy: Policy,
  options: PromptOptions,
  sampling: SamplingOptions,
  keyOf: (spec: EpisodeSpec, turn: number) => number,
  constraintOf: ((observation: Observation) => Constraint) | null = null,
): Actor {
  return async requests => {
    const prepare = preparer(policy);
    const asked = requests.map(({ spec, turn, observation }) => {
      const asking = turnPrompt(observation, turn, options);
      return {
        prompt: prepare(asking),
        key: keyOf(spec, turn),
        image: asking.images[0] ?? null,
        constraint: constraintOf?.(observation),
      };
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

/** Makes prompts, and one for all who are told the same: the members of a group are at first. */
function preparer(policy: Policy): (asking: TurnPrompt) => Prompt {
  const made = new Map<string, { image: Pixels | undefined; prompt: Prompt }[]>();
  return ({ messages, images }) => {
    const [image] = images;
    const told = JSON.stringify(messages);
    const alike = made.get(told) ?? [];
    made.set(told, alike);
    const known = alike.find(each => samePixels(each.image, image));
    if (known) return known.prompt;
    const prompt = policy.prepare(messages, images);
    alike.push({ image, prompt });
    return prompt;
  };
}

function samePixels(a: Pixels | undefined, b: Pixels | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return false;
  // A loop takes a tenth of what a callback a byte does.
  for (let i = 0; i < a.data.length; i++) if (a.data[i] !== b.data[i]) return false;
  return true;
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
