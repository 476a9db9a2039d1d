/** README.md of a policy made by a recipe: the command, seed, data, time and device, and success of every task with its interval. */
import { wilsonInterval } from '../../src/grpo/statistics.ts';
import type { TaskScore } from '../../src/protocol.ts';
import { FRONT_MATTER, range, rate } from './model-card.ts';
import type { JobOf, PlannedPart } from './plan.ts';
import type { Recipe } from './recipe.ts';

export interface PartReport extends PlannedPart {
  /** Of the clock, over all commands that worked on it. */
  seconds: number;
}

export interface RecipeReport {
  recipe: Recipe;
  command: string;
  seed: number;
  scale: number;
  date: string;
  /** What learned and what was scored on. */
  devices: string[];
  parts: PartReport[];
  /** Task → demonstrated episodes that were solved. */
  solved: Record<string, number>;
  scores: { column: string; tasks: TaskScore[] }[];
}

/** Greedy success that counts as able. */
const ABLE = 0.8;

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });

const count = (value: number, of: string): string => `${number(value)} ${of}${value === 1 ? '' : 's'}`;

/** The card as Markdown; every number comes from `report`. */
export function recipeCard(report: RecipeReport): string {
  const { recipe, parts, scores, solved } = report;
  const smaller =
    report.scale < 1 ? `, at ${report.scale} of the recipe's size (a try of it, not what it makes)` : '';
  return `${FRONT_MATTER}
# ${recipe.name}

${recipe.about}

Made on ${report.date} by one command${smaller}:

    ${report.command}

Seed ${report.seed}. It took ${duration(sum(parts, ({ seconds }) => seconds))} on ${report.devices.join(', then ')}. All numbers of its parts are in \`scripts/pretrain/recipes/${recipe.name}.ts\`:

| part | what | time |
|---|---|---|
${parts.map(part => `| ${part.part.name} | ${part.part.what} ${detail(part)}. | ${duration(part.seconds)} |`).join('\n')}

Success on held-out pages, greedy, with its 95% interval (Wilson), played with ${scored(parts)}; and from how many solved demonstrations of the task, ${number(sum(Object.values(solved), one => one))} in all. ${able(scores)}

| task | demonstrations | ${scores.map(({ column }) => column).join(' | ')} |
|---|---|${scores.map(() => '---').join('|')}|
${scores[0].tasks.map(({ task }) => `| ${task} | ${number(solved[task] ?? 0)} | ${scores.map(({ tasks }) => cell(tasks, task)).join(' | ')} |`).join('\n')}
| mean | | ${scores.map(({ tasks }) => mean(tasks)).join(' | ')} |
`;
}

function detail({ part, jobs }: PlannedPart): string {
  switch (part.kind) {
    case 'start': {
      const [{ vocabulary, episodes }] = jobs as JobOf<'start'>[];
      return `At most ${number(vocabulary)} entries, from ${count(episodes, 'episode')} of each task`;
    }
    case 'collect': {
      const episodes = sum(jobs, ({ config }) => config.tasks!.length * config.sft_demonstrations!);
      const seeds = jobs.map(({ config }) => config.seed!);
      const which = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
      return `${count(episodes, 'episode')} in ${count(jobs.length, 'browser')}, ${which}`;
    }
    case 'learn': {
      const [{ config, endAfter, from, reads }] = jobs as JobOf<'learn'>[];
      const steps =
        (endAfter === undefined ? '' : `${number(endAfter)} of `) + count(config.max_steps!, 'step');
      return (
        `From ${from}: ${steps} of ${config.sft_batch_size} turns at a rate of ${config.learning_rate} ` +
        `(${config.lr_scheduler_type}), seed ${config.seed}, from ${count(reads.length, 'file')} of demonstrations`
      );
    }
    case 'sum':
      return Object.entries(part.shares)
        .map(([name, share]) => `${share} ${name}`)
        .join(' + ')
        .replaceAll('+ -', '− ');
    case 'score':
      return `${count((jobs as JobOf<'score'>[])[0].pages, 'page')} of each of ${count(
        sum(jobs, ({ config }) => config.tasks!.length),
        'task',
      )}`;
  }
}

/** The settings of what was scored, those of all parts the same or one after another. */
function scored(parts: readonly PartReport[]): string {
  const settings = parts.flatMap(({ part }) =>
    part.kind === 'score' ? [JSON.stringify(part.settings)] : [],
  );
  return [...new Set(settings)].map(text => `\`${text}\``).join(' and ');
}

/** By the best of a task's columns: a habit hides a skill. */
function able(scores: RecipeReport['scores']): string {
  const good = scores[0].tasks.filter(({ task }) =>
    scores.some(({ tasks }) => tasks.some(own => own.task === task && own.successes > ABLE * own.episodes)),
  );
  const columns = scores.map(({ column }) => column).join(' or ');
  return `${count(good.length, 'task')} of ${scores[0].tasks.length} ${good.length === 1 ? 'is' : 'are'} above ${ABLE} (${columns}).`;
}

function cell(scores: readonly TaskScore[], task: string): string {
  const own = scores.find(score => score.task === task);
  return own ? rate(own) : '';
}

function mean(scores: readonly TaskScore[]): string {
  const played = scores.filter(({ episodes }) => episodes > 0);
  const value = sum(played, ({ successes, episodes }) => successes / episodes) / Math.max(1, played.length);
  const [successes, episodes] = [sum(played, own => own.successes), sum(played, own => own.episodes)];
  return `${value.toFixed(2)} ${range(wilsonInterval(successes, episodes))}`;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
