/** What the words of `npm run pretrain` ask for. */
import { expect, test } from 'vitest';
import { readCommand } from './command.ts';
import { TASKS } from './tasks.ts';

const read = (text: string) => readCommand(text.split(' ').filter(Boolean));

test('by itself it is the whole recipe of the embedded policy', () => {
  expect(read('')).toMatchObject({
    kind: 'recipe',
    recipe: { name: 'nano' },
    size: { seed: 1, scale: 1, tasks: TASKS, pages: 20 },
    out: 'out/nano',
    text: 'npm run pretrain',
  });
});

test('the card’s command has what decides the policy, and not where it was made', () => {
  const command = read(
    '--scale 0.1 --out x --browsers 3 --seed 4 --task click-test,click-button --backend wasm',
  );
  expect(command).toMatchObject({
    size: { seed: 4, scale: 0.1, tasks: ['click-button', 'click-test'], pages: 2 },
    browsers: 3,
    text: 'npm run pretrain -- --seed 4 --scale 0.1 --task click-test,click-button --backend wasm',
  });
});

test('an option of a single part asks for that part', () => {
  for (const text of ['--collect x', '--collected x,y', '--from x --steps 0', '--learning-rate 1e-3'])
    expect(read(text).kind).toBe('part');
});

test('wrong options are refused with what to do', () => {
  const wrong: [string, RegExp][] = [
    ['--scale 2', /--scale must be a number above 0 and at most 1/],
    ['--scale 0', /--scale must be a number above 0/],
    ['--seed 0', /--seed must be a whole number of at least 1/],
    ['--browsers few', /--browsers must be a whole number/],
    ['--recipe mini', /--recipe takes nano/],
    ['--task click-nothing', /no such task/],
    ['--backend cuda', /--backend takes auto, webgpu, wasm/],
    ['--scale 0.1 --from x', /--scale is for a whole recipe and --from for a single part/],
    ['--recip nano', /Unknown option --recip/],
    ['nano', /Not understood: nano/],
  ];
  for (const [text, message] of wrong) expect(() => read(text)).toThrow(message);
});
