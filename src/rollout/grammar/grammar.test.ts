/** What the constraint lets through is what the action grammar takes, and the other way round. */
import { describe, expect, test } from 'vitest';
import { actionSet, FUNCTIONS, parseActions, type ActionSetName } from '../../env/action/index.ts';
import { hashKey } from '../../gpu/index.ts';
import { fixtureFiles } from '../../models/fixture-files.ts';
import { ModelFolder } from '../../models/folder.ts';
import type { Policy } from '../../models/policy.ts';
import { HubTokenizer } from '../../models/tokenizer.ts';
import type { Observation } from '../../protocol.ts';
import { actionPattern, bidsOf } from './actions.ts';
import { Automaton, DEAD } from './automaton.ts';
import { actionConstraints, type Constraint } from './index.ts';
import { byte, choice, optional, repeat, sequence, text, words } from './pattern.ts';

const SETS: ActionSetName[] = ['bid', 'miniwob_liu18', 'all'];

/** The bids of the examples in the prompt's description of actions. */
const BIDS = ['15', '48', '51', '12', '8', '26', '45', '96', '56', '98', '72'];
const PAGE = observe(
  BIDS.map(bid => `\t[${bid}] button 'x [77] y', clickable\n\t\tStaticText 'a'`).join('\n'),
);

function observe(axtree: string): Observation {
  return {
    goal: '',
    axtree,
    html: '',
    screenshot: null,
    focusedBid: '',
    lastAction: '',
    lastActionError: '',
  };
}

/** Of a policy a constraint reads its tokenizer and the size of its head. */
async function policyOf(fixture: string): Promise<Policy> {
  const folder = new ModelFolder({ files: await fixtureFiles(fixture) });
  const tokenizer = await HubTokenizer.open(folder, {});
  const vocabularySize = Math.max(...tokenizer.tokensById().keys()) + 1;
  return { tokenizer, info: { vocabularySize } } as unknown as Policy;
}

function matches(automaton: Automaton, said: string): boolean {
  let state = automaton.start;
  for (const each of new TextEncoder().encode(said)) {
    state = automaton.step(state, each);
    if (state === DEAD) return false;
  }
  return automaton.accepts(state);
}

function allowedIds({ allowed }: Constraint, state: number): number[] {
  return [...allowed(state)].flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => 32 * i + bit).filter(id => (word >>> (id & 31)) & 1),
  );
}

test('patterns match what regular expressions of the same shape match', () => {
  const pattern = sequence(
    repeat(choice(text('ab'), byte([0x61, 0x62])), 1, 3),
    optional(words('x', 'yy')),
    repeat(sequence(text('-'), repeat(text('c'), 0, 2)), 0, Infinity),
  );
  const automaton = new Automaton(pattern);
  const expected = /^(?:ab|[ab]){1,3}(?:x|yy)?(?:-c{0,2})*$/;
  for (let i = 0; i < 4000; i++) {
    const length = hashKey('length', i) % 9;
    const said = Array.from({ length }, (_, at) => 'abxyc-'[hashKey(i, at) % 6]).join('');
    expect(matches(automaton, said), said).toBe(expected.test(said));
  }
});

test('an element is named by the line that it has in the tree, or its mark in HTML', () => {
  expect(
    bidsOf(observe("[1] RootWebArea 'a', focused\n\t[a7] button '[9] no'\n\tStaticText '[3] no'")),
  ).toEqual(['1', 'a7']);
  expect(bidsOf({ axtree: '', html: '<div bid="4"><input bid="5" value="x"></div>' })).toEqual(['4', '5']);
});

describe.each(SETS)('the actions of %s', set => {
  test('every example of the description may be said, and on no element that is not there', () => {
    const automaton = new Automaton(actionPattern(set, BIDS, false));
    for (const { example } of actionSet(set)) expect(matches(automaton, example), example).toBe(true);
    for (const { name, example } of FUNCTIONS.values())
      if (!actionSet(set).some(each => each.name === name)) expect(matches(automaton, example)).toBe(false);
    const elsewhere = new Automaton(actionPattern(set, ['1'], false));
    expect(matches(elsewhere, "click('51')")).toBe(false);
    expect(matches(new Automaton(actionPattern(set, [], false)), "click('51')")).toBe(false);
  });

  test.each([false, true])(
    'whatever tokens are drawn, a whole reply is an action (several: %s)',
    async multiaction => {
      const policy = await policyOf('lfm2_vl');
      const constraint = actionConstraints({ action_set: set, multiaction }, policy)(PAGE);
      let whole = 0;
      for (let i = 0; i < 30; i++) {
        const said: number[] = [];
        let state = constraint.start;
        for (;;) {
          const ids = allowedIds(constraint, state);
          expect(ids.length).toBeGreaterThan(0);
          const draw = hashKey(set, i, said.length);
          const end = ids.find(id => policy.tokenizer.eosIds.includes(id));
          // What may end does, mostly; strings end by a closing quote now and then.
          const closing = ids.filter(id => /^['"]?\)?$/.test(policy.tokenizer.decode([id])));
          const from = said.length > 20 && closing.length > 0 ? closing : ids;
          const id = end !== undefined && draw % 3 > 0 ? end : from[draw % from.length];
          if (id === end || said.length > 400) break;
          said.push(id);
          state = constraint.after(state, id);
          expect(state).not.toBe(DEAD);
        }
        if (said.length > 400) continue;
        whole++;
        const reply = policy.tokenizer.decode(said);
        // Bytes beyond ASCII may be no text of UTF-8; they are shown as U+FFFD, in strings alone.
        const calls = parseActions(reply, { actionSet: set, multiaction, strict: true });
        expect(calls.length, reply).toBeGreaterThan(0);
        for (const { name, args } of calls)
          FUNCTIONS.get(name)!.parameters.forEach(({ name: parameter }, at) => {
            if (parameter.endsWith('bid')) expect(BIDS, reply).toContain(args[at]);
          });
      }
      expect(whole).toBeGreaterThan(20);
    },
  );
});

test('pages whose elements have the same names share what is allowed', async () => {
  const constraintOf = actionConstraints(
    { action_set: 'bid', multiaction: false },
    await policyOf('qwen3_vl'),
  );
  expect(constraintOf(PAGE)).toBe(constraintOf({ ...PAGE, goal: 'another' }));
  expect(constraintOf(PAGE)).not.toBe(constraintOf(observe("[5] button 'x'")));
});
