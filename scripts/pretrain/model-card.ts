/** README.md of a policy of a single warm start: how it was made, and what it scores per task. A recipe's is in recipe-card.ts. */
import { wilsonInterval } from '../../src/grpo/statistics.ts';
import type { RunConfig } from '../../src/config.ts';
import type { DeviceInfo, EvaluationResult, TaskScore } from '../../src/protocol.ts';

export interface PretrainReport {
  command: string;
  config: RunConfig;
  step: number;
  seconds: number;
  /** Whether the demonstrations were there before, so that `seconds` holds none of their time. */
  collectedBefore: boolean;
  device: DeviceInfo;
  greedy: EvaluationResult;
  sampled: EvaluationResult;
}

/** What a Hub reads of a card. */
export const FRONT_MATTER = `---
license: apache-2.0
library_name: transformers
pipeline_tag: image-text-to-text
---
`;

/** The model card as Markdown; every number comes from `report`. */
export function modelCard(report: PretrainReport): string {
  const { config, greedy, sampled, device } = report;
  const rows = greedy.tasks.map(score => {
    const other = sampled.tasks.find(({ task }) => task === score.task);
    return `| ${score.task} | ${rate(score)} | ${other ? rate(other) : 'not measured'} |`;
  });
  return `${FRONT_MATTER}
# nano

A small LFM2-VL policy for MiniWoB tasks, made by this project's own code from nothing: random weights, a tokenizer learned from the tasks' texts, then a supervised warm start on demonstrations of the tasks' oracles.

Made on ${new Date().toISOString().slice(0, 10)} by

    ${report.command.trim()}

in ${Math.round(report.seconds)} s, demonstrations ${report.collectedBefore ? 'not included' : 'included'}, on ${device.name} (${device.backend}${device.software ? ', software' : ''}): seed ${config.seed}, ${report.step} steps of ${config.sft_batch_size} demonstrations at learning rate ${config.learning_rate} (${config.lr_scheduler_type}), from ${config.sft_demonstrations} demonstrated episodes a task.

Success on held-out seeds, with its 95% interval (Wilson):

| task | greedy | sampled at temperature ${config.temperature} |
|---|---|---|
${rows.join('\n')}
| mean | ${greedy.success.toFixed(2)} ${range(greedy.interval)} | ${sampled.success.toFixed(2)} ${range(sampled.interval)} |

Prompt, action set and observation are the page's defaults (\`docs/configuration.md\`).
`;
}

/** A success rate with its 95% interval and what it is of. */
export function rate({ episodes, successes }: TaskScore): string {
  const p = successes / Math.max(episodes, 1);
  return `${p.toFixed(2)} ${range(wilsonInterval(successes, episodes))} (${successes} of ${episodes})`;
}

export function range([low, high]: [number, number]): string {
  return `[${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
