/** A recipe worked out for a seed, a size and a choice of tasks: the jobs of each part, with all their settings. Arithmetic alone. */
import type { RunConfig } from '../../src/config.ts';
import type {
  CollectPart,
  LearnPart,
  Part,
  Recipe,
  ScorePart,
  StartPart,
  SumPart,
  Weight,
} from './recipe.ts';

export interface PlanOptions {
  /** 1 is the recipe's own; others move the seeds of all parts. */
  seed: number;
  /** Above 0, at most 1: how much there is of demonstrations, steps and pages. */
  scale: number;
  /** The catalogue, or a part of it. */
  tasks: readonly string[];
  /** Held-out pages a task. */
  pages: number;
}

/** What is done in one go and kept in a folder of its own: names of folders stand for what is in them. */
export type Job = { folder: string; config: Partial<RunConfig> } & (
  | { kind: 'start'; vocabulary: number; episodes: number }
  | { kind: 'collect'; from: string }
  | { kind: 'learn'; from: string; reads: string[]; endAfter?: number }
  | { kind: 'sum'; shares: Record<string, number> }
  | { kind: 'score'; of: string; pages: number }
);

export type JobOf<K extends Job['kind']> = Extract<Job, { kind: K }>;

export interface PlannedPart {
  part: Part;
  jobs: Job[];
}

/** Pages a task at full size: an interval of 0.2 either way. */
export const PAGES = 20;

/** Tasks that are scored in one job: few enough that an ended command loses little. */
const SCORED_AT_ONCE = 10;

/** Least turns of a step that has been made smaller. */
const LEAST_BATCH = 8;

const whole = (value: number): number => Math.max(1, Math.round(value));

/** Folders of the jobs that a job needs. */
export function inputsOf(job: Job): string[] {
  switch (job.kind) {
    case 'start':
      return [];
    case 'collect':
      return [job.from];
    case 'learn':
      return [job.from, ...job.reads];
    case 'sum':
      return Object.keys(job.shares);
    case 'score':
      return [job.of];
  }
}

/** The parts in their order; a part that has nothing to do with the chosen tasks has no jobs. */
export function planOf(recipe: Recipe, options: PlanOptions): PlannedPart[] {
  const planner = new Planner(recipe, options);
  return recipe.parts.map(part => planner.plan(part));
}

class Planner {
  /** Jobs of the parts that collect. */
  readonly #collected = new Map<string, JobOf<'collect'>[]>();

  constructor(
    readonly recipe: Recipe,
    readonly options: PlanOptions,
  ) {}

  plan(part: Part): PlannedPart {
    switch (part.kind) {
      case 'start':
        return { part, jobs: [this.#start(part)] };
      case 'collect': {
        const jobs = this.#collect(part);
        this.#collected.set(part.name, jobs);
        return { part, jobs };
      }
      case 'learn':
        return { part, jobs: [this.#learn(part)] };
      case 'sum':
        return { part, jobs: [this.#sum(part)] };
      case 'score':
        return { part, jobs: this.#score(part) };
    }
  }

  #start({ name, vocabulary, episodes }: StartPart): Job {
    const { scale } = this.options;
    const config = { ...this.recipe.settings, seed: this.#seed(1), tasks: this.#chosen(this.options.tasks) };
    return { kind: 'start', folder: name, config, vocabulary, episodes: whole(episodes * scale) };
  }

  /** Fewer rounds, and then fewer demonstrations in each, as near to `scale` as whole numbers come. */
  #collect({ name, from, rounds, seed, sets, frames }: CollectPart): JobOf<'collect'>[] {
    const { scale } = this.options;
    const played = Math.ceil(rounds * scale);
    return Array.from({ length: played }, (_, round) =>
      sets.flatMap((set, i) => {
        const tasks = this.#chosen(set.tasks);
        if (tasks.length === 0) return [];
        const own = this.#seed(seed + round * sets.length + i);
        const job: JobOf<'collect'> = {
          kind: 'collect',
          folder: `${name}/${own}`,
          from,
          config: {
            ...this.recipe.settings,
            seed: own,
            tasks,
            sft_demonstrations: whole((set.demonstrations * scale * rounds) / played),
            frames,
          },
        };
        return [job];
      }),
    ).flat();
  }

  #learn({ name, from, reads, seed, steps, endAfter, weights, settings }: LearnPart): Job {
    const { scale } = this.options;
    const { settings: shared } = this.recipe;
    const tasks = this.#chosen(this.options.tasks);
    const sources = reads.flatMap(part => this.#collected.get(part) ?? []);
    const slipping = settings.sft_slip_tasks && this.#chosen(settings.sft_slip_tasks);
    const [batch, warmup] = [settings.sft_batch_size ?? shared.sft_batch_size ?? 1, settings.warmup_steps];
    const max_steps = whole(steps * scale);
    return {
      kind: 'learn',
      folder: name,
      from,
      reads: sources.map(({ folder }) => folder),
      ...(endAfter === undefined ? {} : { endAfter: Math.min(max_steps, whole(endAfter * scale)) }),
      config: {
        ...shared,
        ...settings,
        ...(slipping ? { sft_slip_tasks: slipping } : {}),
        seed: this.#seed(seed),
        tasks,
        task_weights: weightsOf(tasks, weights),
        max_steps,
        warmup_steps: Math.round((warmup ?? shared.warmup_steps ?? 0) * scale),
        sft_batch_size: Math.min(batch, Math.max(LEAST_BATCH, Math.round(batch * scale))),
        // Decides whether some are kept back: of a task with few, none.
        sft_demonstrations: Math.min(...tasks.map(task => demonstrationsOf(task, sources))),
        eval_steps: 0,
        // None is played in; two is the least that a warm start takes.
        frames: 2,
      },
    };
  }

  #sum({ name, shares }: SumPart): Job {
    const config = { ...this.recipe.settings, tasks: this.#chosen(this.options.tasks) };
    // Without a step nothing needs to be demonstrated.
    return {
      kind: 'sum',
      folder: name,
      shares,
      config: { ...config, method: 'grpo', max_steps: 0, eval_steps: 0 },
    };
  }

  #score({ name, of, tasks, settings }: ScorePart): Job[] {
    const chosen = this.#chosen(tasks);
    return Array.from({ length: Math.ceil(chosen.length / SCORED_AT_ONCE) }, (_, i) => ({
      kind: 'score',
      folder: `${name}/${i + 1}`,
      of,
      pages: this.options.pages,
      config: { ...settings, tasks: chosen.slice(i * SCORED_AT_ONCE, (i + 1) * SCORED_AT_ONCE) },
    }));
  }

  #seed(seed: number): number {
    return seed + (this.options.seed - 1) * 100_000;
  }

  #chosen(tasks: readonly string[]): string[] {
    return tasks.filter(task => this.options.tasks.includes(task));
  }
}

/** One weight for each task: that of the last rule that names it, 1 without any. */
export function weightsOf(tasks: readonly string[], rules: readonly Weight[]): number[] {
  return tasks.map(task => rules.findLast(rule => rule.tasks.includes(task))?.weight ?? 1);
}

/** Episodes of a task that jobs collect, those that their oracle will not solve among them. */
export function demonstrationsOf(task: string, jobs: readonly Job[]): number {
  const counts = jobs.map(({ kind, config }) =>
    kind === 'collect' && config.tasks!.includes(task) ? config.sft_demonstrations! : 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
