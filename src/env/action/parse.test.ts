import { expect, test } from 'vitest';
import fixture from '../../../tests/fixtures/golden/actions.json?raw';
import { describeActionSet } from './describe.ts';
import { ActionError } from './error.ts';
import { actionSet, FUNCTIONS, SUBSETS, type ActionSetName } from './functions.ts';
import { findCalls } from './grammar.ts';
import { parseActions } from './parse.ts';
import { scaleCoordinates } from './scale.ts';

/** Actions that BrowserGym 0.14.3 was given on the real pages, with the first line of its last_action_error. */
const recorded = JSON.parse(fixture) as { action: string; error: string }[];
const SETS: ActionSetName[] = ['bid', 'miniwob_all', 'openenv'];

const failure = (text: string, multiaction = true, actionSetName: ActionSetName = 'openenv'): ActionError => {
  try {
    parseActions(text, { actionSet: actionSetName, multiaction });
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
  throw new Error(`${text} parsed`);
};

test('every action that BrowserGym could not parse fails here with its class and words', () => {
  const unparsable = recorded.filter(step => /^(NameError|ValueError: Received)/.test(step.error));
  expect(unparsable.length).toBeGreaterThan(1);
  for (const { action, error } of unparsable) {
    for (const set of SETS) expect(failure(action, false, set).text, action).toBe(error);
  }
});

test('every action that BrowserGym took parses here to one call with the same name', () => {
  const taken = recorded.filter(step => !/^(NameError|ValueError: Received)/.test(step.error));
  expect(taken.length).toBeGreaterThan(100);
  for (const { action } of taken) {
    const calls = findCalls(action);
    expect(calls.map(call => call.name)).toEqual([action.slice(0, action.indexOf('('))]);
    const set = SETS.find(each => actionSet(each).some(known => known.name === calls[0]!.name));
    if (set)
      expect(parseActions(action, { actionSet: set, multiaction: false, strict: true })).toHaveLength(1);
  }
});

test('arguments come in the order of the signature, with defaults filled in', () => {
  const one = (text: string) => parseActions(text, { actionSet: 'openenv', multiaction: false })[0]!;
  expect(one('noop()')).toEqual({ name: 'noop', args: [1000] });
  expect(one("click('a12')")).toEqual({ name: 'click', args: ['a12', 'left', []] });
  expect(one("click(modifiers=['Shift'], bid='7')")).toEqual({
    name: 'click',
    args: ['7', 'left', ['Shift']],
  });
  expect(one("fill('3', 'x', True)")).toEqual({ name: 'fill', args: ['3', 'x', true] });
  expect(one('scroll(delta_y=5, delta_x=-1.5)')).toEqual({ name: 'scroll', args: [-1.5, 5] });
  expect(one("select_option('3', ('a', 'b'))")).toEqual({ name: 'select_option', args: ['3', ['a', 'b']] });
  // The frame, like BrowserGym, refuses a bid that is no string when it looks for the element.
  expect(one('click(13)')).toEqual({ name: 'click', args: [13, 'left', []] });
});

// The words are CPython 3.12's for these calls of functions with these signatures.
test.each([
  ['', 'ValueError: Received an empty action.'],
  ['I would press the button.', 'ValueError: Received an empty action.'],
  ["click('13'", 'ValueError: Received an empty action.'],
  ["foo('13')", "NameError: Invalid action type 'foo'."],
  ["send_keys('a')", "NameError: Invalid action type 'send_keys'."],
  ["mouse_click('13', 1)", "NameError: Invalid action type 'mouse_click'."],
  ['click()', "TypeError: click() missing 1 required positional argument: 'bid'"],
  ["scroll('down')", "TypeError: scroll() missing 1 required positional argument: 'delta_y'"],
  ['fill()', "TypeError: fill() missing 2 required positional arguments: 'bid' and 'value'"],
  ["hover('1', '2')", 'TypeError: hover() takes 1 positional argument but 2 were given'],
  ["click('1', 'left', [], 4)", 'TypeError: click() takes from 1 to 3 positional arguments but 4 were given'],
  ['noop(1, 2)', 'TypeError: noop() takes from 0 to 1 positional arguments but 2 were given'],
  ['go_back(1)', 'TypeError: go_back() takes 0 positional arguments but 1 was given'],
  ["click('1', id='2')", "TypeError: click() got an unexpected keyword argument 'id'"],
  ["click('1', bid='2')", "TypeError: click() got multiple values for argument 'bid'"],
  ["click(bid='1', bid='2')", 'SyntaxError: keyword argument repeated: bid'],
  ["drag_and_drop(x='1')", "TypeError: drag_and_drop() got an unexpected keyword argument 'x'"],
])('%s fails as in BrowserGym', (text, error) => {
  const thrown = failure(text);
  expect(thrown.text).toBe(error);
  expect(`${thrown.pythonClass}:`).toBe(error.slice(0, error.indexOf(' ')));
});

test('a name that no function has comes before arguments that are missing', () => {
  expect(failure('mouse_move()', true, 'miniwob_all').text).toBe(
    "TypeError: mouse_move() missing 2 required positional arguments: 'x' and 'y'",
  );
  expect(failure("upload_file(bid='1', bad=1)").text).toBe(
    "TypeError: upload_file() got an unexpected keyword argument 'bad'",
  );
});

test('several calls in one text need multiaction', () => {
  const text = "First click('1'), then fill('2', 'x').";
  expect(failure(text, false).text).toBe(
    'ValueError: Received a multi-action, only single-actions are allowed.',
  );
  expect(parseActions(text, { actionSet: 'bid', multiaction: true }).map(call => call.name)).toEqual([
    'click',
    'fill',
  ]);
});

test('an unknown name stops the whole text, wrong arguments only what comes after', () => {
  expect(failure("click('1') fly('2')").before).toEqual([]);
  expect(failure("click('1') fill('2')").before).toEqual([{ name: 'click', args: ['1', 'left', []] }]);
});

test('every action set holds noop first and only known functions, and describes each on one line', () => {
  for (const name of SETS) {
    const functions = actionSet(name);
    expect(functions[0]!.name).toBe('noop');
    const lines = describeActionSet(name).split('\n');
    expect(lines).toHaveLength(functions.length);
    functions.forEach((action, i) => {
      expect(lines[i]).toMatch(new RegExp(`^${action.name}\\(.*\\): .* Example: ${action.name}\\(.*\\)$`));
      expect(
        parseActions(action.example, { actionSet: name, multiaction: false, strict: true }),
      ).toHaveLength(1);
    });
  }
  for (const name of Object.values(SUBSETS).flat()) expect(FUNCTIONS.has(name), name).toBe(true);
});

test('coordinates go from screenshot pixels to CSS pixels, and nothing else does', () => {
  expect(scaleCoordinates({ name: 'mouse_click', args: [30, 45, 'left'] }, 1.5).args).toEqual([
    20,
    30,
    'left',
  ]);
  expect(scaleCoordinates({ name: 'scroll', args: [0, -90] }, 1.5).args).toEqual([0, -60]);
  expect(scaleCoordinates({ name: 'noop', args: [1000] }, 1.5).args).toEqual([1000]);
  expect(() => scaleCoordinates({ name: 'scroll', args: ['down', 3] }, 1.5)).toThrow(
    "TypeError: unsupported operand type(s) for /: 'str' and 'float'",
  );
});
