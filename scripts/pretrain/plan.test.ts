/** The recipes as data, and what becomes of them for a seed, a size and some tasks. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateConfig } from '../../src/config/validate.ts';
import { demonstrationsOf, inputsOf, planOf, weightsOf, type Job, type PlanOptions } from './plan.ts';
import { RECIPES } from './recipe.ts';
import { NANO } from './recipes/nano.ts';
import { BUTTONS, DOZEN, DRAWING, READING, TASKS } from './tasks.ts';

const WHOLE: PlanOptions = { seed: 1, scale: 1, tasks: TASKS, pages: 20 };

const jobsOf = (options: Partial<PlanOptions> = {}): Job[] =>
  planOf(NANO, { ...WHOLE, ...options }).flatMap(({ jobs }) => jobs);

const job = (folder: string, jobs = jobsOf()): Job => jobs.find(one => one.folder === folder)!;

const collecting = (part: string, jobs = jobsOf()): Job[] =>
  jobs.filter(({ kind, folder }) => kind === 'collect' && folder.startsWith(`${part}/`));

const total = (jobs: readonly Job[]): number =>
  TASKS.reduce((sum, task) => sum + demonstrationsOf(task, jobs), 0);

for (const [name, recipe] of Object.entries(RECIPES)) {
  test(`${name}: every part is made from parts before it, in a folder of its own`, () => {
    const made = new Set<string>();
    for (const one of planOf(recipe, WHOLE).flatMap(({ jobs }) => jobs)) {
      expect(inputsOf(one).filter(folder => !made.has(folder))).toEqual([]);
      expect(made).not.toContain(one.folder);
      made.add(one.folder);
    }
    expect(made).toContain(recipe.result);
  });

  test(`${name}: a run takes the settings of every part, at any size and with any task`, () => {
    const sizes = [{}, { scale: 0.1 }, { scale: 0.001 }, { tasks: ['click-test'] }, { tasks: ['draw-line'] }];
    for (const size of sizes)
      for (const { config } of planOf(recipe, { ...WHOLE, ...size }).flatMap(({ jobs }) => jobs))
        expect(() => validateConfig(config)).not.toThrow();
  });

  test(`${name}: no two browsers collect with the same seed, and another seed shares none of them`, () => {
    const seeds = [1, 2].flatMap(seed =>
      planOf(recipe, { ...WHOLE, seed })
        .flatMap(({ jobs }) => jobs)
        .flatMap(({ kind, config }) => (kind === 'collect' ? [config.seed] : [])),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
  });
}

test('the lists of tasks are of the catalogue, and no task is in two of them', () => {
  const lists = [DOZEN, BUTTONS, READING, DRAWING];
  const all = lists.flat();
  expect(all.filter(task => !TASKS.includes(task))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
  expect(lists.map(({ length }) => length)).toEqual([12, 2, 14, 35]);
});

test('the embedded policy has the demonstrations that its card tells of', () => {
  const [first, second, more] = ['first', 'second', 'more'].map(part => collecting(part));
  expect([first.length, second.length, more.length]).toEqual([26, 22, 17 * 3]);
  expect(total(first)).toBe(22_750);
  expect(total([...first, ...second])).toBe(42_000);
  expect(TASKS.map(task => demonstrationsOf(task, [...first, ...second]))).toEqual(TASKS.map(() => 336));
  const of = (tasks: readonly string[]) => new Set(tasks.map(task => demonstrationsOf(task, more)));
  expect(of(BUTTONS)).toEqual(new Set([17 * 203]));
  expect(of(READING)).toEqual(new Set([17 * 63]));
  expect(of([...DOZEN, ...DRAWING])).toEqual(new Set([51]));
});

test('its warm starts are those of the commands that made what ships', () => {
  const learned = jobsOf().filter(({ kind }) => kind === 'learn');
  const table = learned.map(one => {
    const { max_steps, learning_rate, lr_scheduler_type, warmup_steps, seed } = one.config;
    const read = inputsOf(one).length - 1;
    return [
      one.folder,
      inputsOf(one)[0],
      read,
      seed,
      max_steps,
      learning_rate,
      lr_scheduler_type,
      warmup_steps,
    ];
  });
  expect(table).toEqual([
    ['p-begun', 'start', 26, 1, 600, 2e-3, 'constant_with_warmup', 100],
    ['p', 'p-begun', 48, 11, 1350, 2e-3, 'linear', 10],
    ['a', 'p', 51, 21, 1300, 1.2e-3, 'linear', 10],
    ['b', 'p', 51, 22, 1300, 1.2e-3, 'linear', 10],
    ['a-habit', 'a', 51, 3, 60, 5e-4, 'linear', 10],
    ['b-habit', 'b', 51, 3, 60, 5e-4, 'linear', 10],
  ]);
  expect(job('p')).toMatchObject({ endAfter: 1200 });
  const habit = {
    sft_slip_rate: 0.68,
    sft_slip_to: 'first',
    sft_slip_tasks: [...DOZEN, ...BUTTONS],
    sft_target: 1,
  };
  expect(job('a-habit').config).toMatchObject(habit);
  expect(learned.every(({ config }) => config.sft_batch_size === 256)).toBe(true);
  // Enough of every task that the sixteen episodes which tell what is known are kept back (sft-mix.ts).
  expect(learned.every(({ config }) => config.sft_demonstrations! > 32)).toBe(true);
});

test('the policy is the skill with 0.8 of what each habit changed', () => {
  const shares = (folder: string) => (job(folder) as Extract<Job, { kind: 'sum' }>).shares;
  const skill = shares('skill');
  const expected = {
    p: skill.p,
    a: skill.a - 0.8,
    b: skill.b - 0.8,
    'a-habit': 0.8,
    'b-habit': 0.8,
  };
  for (const [name, share] of Object.entries(expected)) expect(shares('nano')[name]).toBeCloseTo(share, 12);
  for (const own of [skill, shares('nano')])
    expect(Object.values(own).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
});

test('weights follow the last rule that names a task', () => {
  const rules = [
    { tasks: ['a', 'b'], weight: 0.3 },
    { tasks: ['b'], weight: 6 },
  ];
  expect(weightsOf(['a', 'b', 'c'], rules)).toEqual([0.3, 6, 1]);
});

test('a smaller recipe has as much less of demonstrations and steps, and at least one of each', () => {
  const small = jobsOf({ scale: 0.1 });
  for (const part of ['first', 'second', 'more']) {
    const share = total(collecting(part, small)) / total(collecting(part));
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.13);
  }
  expect(job('p', small)).toMatchObject({
    endAfter: 120,
    config: { max_steps: 135, warmup_steps: 1, sft_batch_size: 26, sft_demonstrations: 3 * 6 + 3 * 5 },
  });
  const least = jobsOf({ scale: 1e-4 });
  for (const { kind, config } of least) {
    if (kind === 'collect') expect(config.sft_demonstrations).toBeGreaterThanOrEqual(1);
    if (kind === 'learn') expect(config.max_steps).toBe(1);
  }
  expect(collecting('more', least)).toHaveLength(3);
});

test('with some tasks alone nothing else is collected, learned from or scored', () => {
  const tasks = ['click-button', 'draw-line'];
  const some = jobsOf({ tasks });
  expect(some.flatMap(({ config }) => config.tasks!).filter(task => !tasks.includes(task))).toEqual([]);
  // No task of READING: that set of the three is left out.
  expect(collecting('more', some)).toHaveLength(17 * 2);
  expect(job('a', some).config.task_weights).toEqual([8, 0.3]);
  expect(job('a-habit', some).config.sft_slip_tasks).toEqual(['click-button']);
  expect(job('score-skill/1', some).config.tasks).toEqual(['click-button']);
});

test('the card of what ships names every part', () => {
  const card = readFileSync('public/models/nano/README.md', 'utf8');
  expect(NANO.parts.map(({ name }) => name).filter(name => !card.includes(`\`${name}\``))).toEqual([]);
});
