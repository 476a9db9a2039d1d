import { expect, test } from 'vitest';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { EXAMPLE } from './own-tasks.ts';
import { fromHash, toHash } from './share-link.ts';

const changed: RunConfig = {
  ...structuredClone(DEFAULT_CONFIG),
  seed: 7,
  tasks: ['click-test', 'click-link'],
  learning_rate: 3e-5,
  reward_funcs: ['sum_of_steps', 'max_of_steps'],
  reward_weights: [1, 0.5],
  epsilon_high: 0.28,
  lora_target_modules: '.*\\.(q_proj|v_proj)',
  observation: { ...DEFAULT_CONFIG.observation, use_axtree: false },
};

test('a configuration survives the way through a link', () => {
  expect(fromHash(toHash(changed))).toEqual({ config: changed, problems: [], embedded: false, ownTasks: [] });
  const list = { ...changed, lora_target_modules: ['q_proj', 'v_proj'] };
  expect(fromHash(toHash(list)).config).toEqual(list);
  const written = {
    ...changed,
    reward_funcs: ['custom'],
    reward_weights: null,
    custom_reward: 'e => (e.success ? 1 : 0) & 1 | 0',
  };
  expect(fromHash(toHash(written)).config).toEqual(written);
});

test('a link holds the seed always, and otherwise only what differs', () => {
  expect(toHash(structuredClone(DEFAULT_CONFIG))).toBe('#v=1&seed=42');
  expect(toHash({ ...structuredClone(DEFAULT_CONFIG), lora_r: 4 })).toBe('#v=1&seed=42&lora_r=4');
});

test('no hash is the defaults', () => {
  expect(fromHash('')).toEqual({ config: DEFAULT_CONFIG, problems: [], embedded: false, ownTasks: [] });
});

test('what cannot be taken is named and left at its default', () => {
  const { config, problems } = fromHash(
    '#v=1&seed=abc&lora_r=0&colour=red&max_steps=5&__proto__=1&constructor=2',
  );
  expect(config).toEqual({ ...DEFAULT_CONFIG, max_steps: 5 });
  expect(problems.map(problem => problem.field).sort()).toEqual(
    ['__proto__', 'colour', 'constructor', 'lora_r', 'seed'].sort(),
  );
});

test('an unknown task is named and the known ones are kept', () => {
  const { config, problems } = fromHash('#v=1&tasks=click-test,win-the-lottery');
  expect(config.tasks).toEqual(['click-test']);
  expect(problems).toMatchObject([{ field: 'tasks', message: /win-the-lottery/ }]);
});

test('settings that contradict one another are taken back, and the link still opens', () => {
  const { config, problems } = fromHash('#v=1&seed=5&num_generations=7');
  expect(config).toEqual({ ...DEFAULT_CONFIG, seed: 5 });
  expect(problems).toMatchObject([{ field: 'num_generations' }]);
});

test('a link of another version says so and changes nothing', () => {
  const { config, problems } = fromHash('#v=9&max_steps=5');
  expect(config).toEqual(DEFAULT_CONFIG);
  expect(problems[0].message).toMatch(/version 9/);
});

test('own tasks that a run plays travel in its link, others stay', () => {
  const fruit = { ...EXAMPLE, html: '<p title="“ü&">{{fruit}}</p>' };
  const config = { ...structuredClone(DEFAULT_CONFIG), tasks: ['click-test', fruit.name] };
  const hash = toHash(config, [fruit, { ...EXAMPLE, name: 'other' }]);
  expect(fromHash(hash)).toEqual({ config, problems: [], embedded: false, ownTasks: [fruit] });
  const without = fromHash(hash.replace(/&own=.*/, ''));
  expect(without.config.tasks).toEqual(['click-test']);
  expect(fromHash(hash.replace(/&own=.*/, ''), [fruit]).config.tasks).toEqual(['click-test', fruit.name]);
  expect(fromHash(`${hash.slice(0, -9)}!`).problems[0]!.message).toMatch(/cannot be read/);
  // One that the run is only evaluated on is played as well.
  const held = { ...structuredClone(DEFAULT_CONFIG), eval_tasks: [fruit.name] };
  expect(fromHash(toHash(held, [fruit]))).toMatchObject({ config: held, problems: [], ownTasks: [fruit] });
});

test('text in a link stays text', () => {
  const evil = '<img src=x onerror=alert(1)>%';
  const { problems } = fromHash(
    `#v=1&loss_type=${encodeURIComponent(evil)}&${encodeURIComponent(evil)}=1&max_steps=%zz`,
  );
  expect(problems.length).toBe(3);
  expect(problems.some(({ message }) => message.includes('<img'))).toBe(true);
});
