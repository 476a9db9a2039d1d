/** README.md of a pushed adapter or model: what it goes on top of, what it was trained on and how, and what it scores. */
import type { RunConfig } from '../../config.ts';
import { diffFromDefaults } from '../../config/diff.ts';
import { wilsonInterval } from '../../grpo/statistics.ts';
import type { EvaluationResult, TaskScore } from '../../protocol.ts';

export interface CardFacts {
  /** `owner/name` of the repository that the card stands in. */
  repo: string;
  kind: 'adapter' | 'model';
  /** What was trained: a Hub repository's `owner/name`, or another name. */
  base: string;
  /** Whether the model has a vision side: transformers has another class for those. */
  readsImages: boolean;
  config: RunConfig;
  /** Optimizer steps taken. */
  step: number;
  /** In the order of their steps. */
  evaluations: readonly EvaluationResult[];
}

/**
 * The card as Markdown, its metadata as the Hub reads them.
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(facts: CardFacts): string {
  const { repo, kind, base, config, step } = facts;
  const what = kind === 'adapter' ? 'A LoRA adapter (PEFT)' : 'A model';
  const how =
    config.method === 'sft'
      ? 'imitating scripted solutions'
      : `GRPO (loss \`${config.loss_type}\`, ${config.num_generations} episodes a group)`;
  return `---
${metadata(facts)}
---

# ${repo.split('/').at(-1)}

${what} that controls a browser, trained from ${isRepository(base) ? `[${base}](https://huggingface.co/${base})` : `\`${base}\``} by ${how} for ${step} steps on MiniWoB tasks as BrowserGym shows them, in a browser tab.

## Measured success

${success(facts.evaluations, step)}

## Tasks

${config.tasks.map(task => `- \`${task}\``).join('\n')}

## Settings

What differs from the defaults of TRL's GRPOTrainer; every setting is in \`run.json\`.

| setting | value |
|---|---|
${settings(config)}

## Use

${usage(facts)}

\`metrics.jsonl\`, \`evaluations.jsonl\` and \`episodes.jsonl\` are the run's own record.
`;
}

function isRepository(base: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(base);
}

/** YAML; every value is written as JSON, which YAML reads. */
function metadata({ repo, kind, base, config, evaluations }: CardFacts): string {
  const last = evaluations.at(-1);
  const lines = [
    ...(isRepository(base)
      ? [
          `base_model: ${JSON.stringify(base)}`,
          `base_model_relation: ${kind === 'adapter' ? 'adapter' : 'finetune'}`,
        ]
      : []),
    `library_name: ${kind === 'adapter' ? 'peft' : 'transformers'}`,
    `tags: ${JSON.stringify([config.method, 'browser-agent', 'browsergym', 'miniwob', ...(kind === 'adapter' ? ['lora'] : [])])}`,
  ];
  if (!last) return lines.join('\n');
  const results = last.tasks
    .filter(({ episodes }) => episodes > 0)
    .map(score => ({
      task: { type: 'browser-control' },
      dataset: { name: `MiniWoB ${score.task}, held-out seeds`, type: 'miniwob' },
      metrics: [{ type: 'success_rate', value: Number((score.successes / score.episodes).toFixed(4)) }],
    }));
  return [...lines, `model-index: ${JSON.stringify([{ name: repo.split('/').at(-1), results }])}`].join('\n');
}

function success(evaluations: readonly EvaluationResult[], step: number): string {
  const last = evaluations.at(-1);
  if (!last) return 'Not measured: the run had no evaluation.';
  const first = evaluations[0] === last ? undefined : evaluations[0];
  const rows = last.tasks.map(score => {
    const before = first?.tasks.find(({ task }) => task === score.task);
    return `| ${score.task} | ${before ? rate(before) : '–'} | ${rate(score)} |`;
  });
  const mean = (result: EvaluationResult): string => `${result.success.toFixed(2)} ${range(result.interval)}`;
  const stale = last.step === step ? '' : ` The weights are those of step ${step}.`;
  return `Share of episodes solved on held-out seeds, greedy, with its 95% interval (Wilson).${stale}

| task | ${first ? `step ${first.step}` : 'before'} | step ${last.step} |
|---|---|---|
${rows.join('\n')}
| mean | ${first ? mean(first) : '–'} | ${mean(last)} |`;
}

function rate({ episodes, successes }: TaskScore): string {
  if (episodes === 0) return '–';
  const interval = wilsonInterval(successes, episodes);
  return `${(successes / episodes).toFixed(2)} ${range(interval)} (${successes} of ${episodes})`;
}

function range([low, high]: [number, number]): string {
  return `[${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

function settings(config: RunConfig): string {
  const rows = Object.entries(diffFromDefaults(config)).filter(
    ([name]) => !['version', 'tasks', 'model'].includes(name),
  );
  return rows
    .map(([name, value]) => `| \`${name}\` | \`${JSON.stringify(value).replaceAll('|', '\\|')}\` |`)
    .join('\n');
}

function usage({ repo, kind, base, readsImages }: CardFacts): string {
  const auto = readsImages ? 'AutoModelForImageTextToText' : 'AutoModelForCausalLM';
  const lines = [
    ...(kind === 'adapter' ? ['from peft import PeftModel'] : []),
    `from transformers import ${auto}`,
    `model = ${auto}.from_pretrained("${kind === 'adapter' ? base : repo}")`,
    ...(kind === 'adapter' ? [`model = PeftModel.from_pretrained(model, "${repo}")`] : []),
  ];
  return lines.map(line => `    ${line}`).join('\n');
}
