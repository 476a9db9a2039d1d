/** A user's own task: its page in the sandboxed frame, and its mistakes told by the part that they are in. */
import { afterEach, expect, test } from 'vitest';
import {
  EXAMPLE,
  faultOf,
  fromFile,
  fromLinkText,
  Preview,
  toFile,
  toLinkText,
  type OwnTask,
} from '../../src/session/own-tasks.ts';
import { Session } from '../../src/session/session.ts';
import { ownTaskProblems } from '../../src/tasks/own/own-task.ts';

let preview: Preview | undefined;

afterEach(() => preview?.dispose());

function open(change: Partial<OwnTask> = {}): Preview {
  preview?.dispose();
  preview = new Preview(document.body, { ...EXAMPLE, ...change });
  return preview;
}

test('the example is a task: seeds differ and repeat, the right button pays, a wrong one costs', async () => {
  const goals = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const { observation } = await open().start(seed);
    goals.add(observation.goal);
    const fruit = /^Press the (\w+)\.$/.exec(observation.goal)![1]!;
    const bidOf = (name: string) => new RegExp(`\\[(\\d+)\\] button '${name}'`).exec(observation.axtree)![1]!;
    expect((await preview!.start(seed)).observation).toEqual(observation);
    const wrong = ['apple', 'pear', 'plum'].find(name => name !== fruit)!;
    expect(await preview!.act(`click('${bidOf(wrong)}')`)).toMatchObject({ done: true, rawReward: -1 });
    await preview!.start(seed);
    expect(await preview!.act(`click('${bidOf(fruit)}')`)).toMatchObject({
      done: true,
      rawReward: 1,
      reward: 1,
    });
  }
  expect(goals.size).toBe(3);
});

test('values are text wherever they stand', async () => {
  const { observation } = await open({
    setup: `return { fruit: '<b>"&' };`,
    html: '<button title="{{fruit}}">x</button>',
    reward: 'return event.type === "click" ? 1 : undefined;',
  }).start(1);
  expect(observation.goal).toBe('Press the <b>"&.');
  expect(observation.axtree).toMatch(/\[\d+\] button 'x'/);
});

test.each<[Partial<OwnTask>, string, RegExp]>([
  [{ setup: 'return {' }, 'setup', /SyntaxError/],
  [{ setup: 'return { fruit: lemon };' }, 'setup', /lemon is not defined/],
  [{ setup: 'return {};' }, 'goal', /no value "fruit"/],
  [{ html: '<button>{{colour}}</button>' }, 'html', /no value "colour"/],
  [{ reward: 'return (;' }, 'reward', /SyntaxError/],
  [{ reward: 'return 1;' }, 'reward', /before anything was done/],
  [{ reward: 'return values.friut.length;' }, 'reward', /Cannot read properties of undefined/],
  [{ reward: 'return "yes";' }, 'reward', /"yes" instead of a number/],
  [
    { html: '</script><button>a</button>', setup: 'return { fruit: "</script>", x: y };' },
    'setup',
    /y is not defined/,
  ],
])('a mistake is told by its part: %o', async (change, field, message) => {
  const error = await open(change)
    .start(3)
    .then(
      () => new Error('it started'),
      thrown => thrown as Error,
    );
  expect(faultOf(error.message)).toMatchObject({ field, message: expect.stringMatching(message) });
});

test('a reward that fails on an event ends the episode as lost and says why on the page', async () => {
  const { axtree } = (await open({ reward: 'if (event.type === "click") return values.a.b;' }).start(3))
    .observation;
  const bid = /\[(\d+)\] button/.exec(axtree)![1]!;
  const { observation, done, rawReward } = await preview!.act(`click('${bid}')`);
  expect([done, rawReward]).toEqual([true, -1]);
  expect(observation.axtree).toMatch(/reward: Cannot read properties of undefined/);
});

test('what can be seen without running it', () => {
  expect(ownTaskProblems(EXAMPLE)).toEqual([]);
  const fields = (change: Partial<OwnTask>, taken: string[] = []) =>
    ownTaskProblems({ ...EXAMPLE, ...change }, taken).map(problem => problem.field);
  expect(fields({ name: 'Press Fruit' })).toEqual(['name']);
  expect(fields({}, ['press-fruit'])).toEqual(['name']);
  expect(fields({ goal: ' ', html: '', reward: 'event' })).toEqual(['goal', 'html', 'reward']);
  expect(fields({ html: 'x'.repeat(20_001) })).toEqual(['html']);
});

test('files and links carry a task whole, and nothing that is none', () => {
  const task = { ...EXAMPLE, html: '<p>“ü” – 日本</p>' };
  expect(fromFile('a.json', toFile(task))).toEqual(task);
  expect(() => fromFile('a.json', '{')).toThrow(/a\.json is not a task: it is not JSON/);
  expect(() => fromFile('a.json', '{"name":"x"}')).toThrow(
    /must have the texts name, goal, html, setup, reward/,
  );
  const text = toLinkText([task, EXAMPLE]);
  expect(text).toMatch(/^[\w-]+$/);
  expect(fromLinkText(text)).toEqual([task, EXAMPLE]);
  for (const bad of ['', 'abc', text.slice(0, 40), toLinkText([{ ...task, name: '../x' }])])
    expect(fromLinkText(bad)).toBe(null);
});

test('tasks of files are taken as they stand, or refused with the file, the part and what to do', () => {
  const own = new Session(document.body).ownTasks;
  own.takeFiles([{ name: 'a.task.json', text: toFile({ ...EXAMPLE, name: 'from-a-file' }) }]);
  expect(own.all.map(({ name }) => name)).toContain('from-a-file');
  const refused = (change: Partial<OwnTask>) => () =>
    own.takeFiles([{ name: 'b.task.json', text: toFile({ ...EXAMPLE, ...change }) }]);
  expect(refused({ name: 'click-test' })).toThrow(
    'b.task.json: its name does not do. There is a task click-test already',
  );
  expect(refused({ html: '' })).toThrow('b.task.json: its html does not do.');
  expect(() => own.takeFiles([{ name: 'c', text: '{' }])).toThrow('c is not a task: it is not JSON');
  expect(own.all.map(({ name }) => name)).not.toContain('click-test');
});
