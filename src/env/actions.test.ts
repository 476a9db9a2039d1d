/** Every action's events and default effects on the page, and BrowserGym's words where it cannot act. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import type { StepResult } from '../protocol.ts';
import { FramePool } from './frame-pool.ts';
import { logging, page } from './pages.fixture.ts';

let container: HTMLElement;
let pool: FramePool | undefined;
let last: StepResult;

beforeEach(() => {
  container = document.createElement('div');
  document.body.append(container);
});

afterEach(() => {
  pool?.dispose();
  container.remove();
});

/** Opens a page of `body` with a log of `events`. */
async function open(body: string, events = '', config: Partial<RunConfig> = {}): Promise<void> {
  const html = page(`${body}<p id="log"></p>`, events && logging(events));
  const observation = { ...DEFAULT_CONFIG.observation, use_screenshot: false, skip_generic: true };
  pool = new FramePool({
    container,
    frames: 1,
    config: { ...DEFAULT_CONFIG, action_set: 'bid', retry_with_force: false, observation, ...config },
    pageOf: () => ({ html }),
  });
  last = await pool.reset(0, 'test', 1);
}

/** The bid of the n-th element with this role in the tree. */
function bid(role: string, n = 0): string {
  return [...last.observation.axtree.matchAll(new RegExp(`\\[(\\d+)\\] ${role}`, 'g'))][n]![1]!;
}

/** Runs an action; `$role` stands for the bid of the first element with that role, `$role2` of the second. */
async function act(action: string): Promise<StepResult> {
  const text = action.replace(
    /\$([a-zA-Z]+)(\d?)/g,
    (_, role: string, n: string) => `'${bid(role, n ? Number(n) - 1 : 0)}'`,
  );
  last = await pool!.step(0, text);
  return last;
}

const tree = () => last.observation.axtree;
const log = () => /paragraph ''\n\t+StaticText '(.*?)'/.exec(tree())?.[1] ?? '';
const error = () => last.observation.lastActionError;

test('click: pointer and mouse events in order, focus on the press', async () => {
  await open(
    '<button id="b">b</button>',
    'mouseover mousemove pointerdown mousedown focusin mouseup click dblclick',
  );
  await act('click($button)');
  expect(log()).toBe('mouseover@b mousemove@b pointerdown@b mousedown@b focusin@b mouseup@b click@b');
  expect(tree()).toContain("button 'b', focused");
  expect(last.observation.focusedBid).toBe(bid('button'));
});

test('dblclick clicks twice, then fires dblclick; the right button opens no click', async () => {
  await open('<button id="b">b</button>', 'click dblclick contextmenu auxclick');
  await act('dblclick($button)');
  expect(log()).toBe('click@b click@b dblclick@b');
  await act("click($button, button='right')");
  expect(log()).toBe('click@b click@b dblclick@b contextmenu@b auxclick@b');
});

test('hover enters without pressing', async () => {
  await open('<button id="b">b</button>', 'mouseover mousemove mousedown');
  await act('hover($button)');
  expect(log()).toBe('mouseover@b mousemove@b');
});

test('checkboxes, radios and labels toggle by click, with input and change', async () => {
  await open(
    '<input type="checkbox" id="c"><label>L<input type="radio" name="r" id="r1"></label><input type="radio" name="r" id="r2" checked>',
    'change',
  );
  await act('click($checkbox)');
  expect(tree()).toMatch(/checkbox '', focused, checked='true'/);
  await act('click($LabelText)');
  expect(tree()).toMatch(/radio 'L', focused, checked='true'/);
  expect(tree()).toMatch(/radio '', checked='false'/);
  expect(log()).toBe('change@c change@r1');
});

test('fill replaces the text in one input event; leaving the field fires change; clear empties it', async () => {
  await open('<input id="a" value="old"><button>b</button>', 'keydown input change');
  await act("fill($textbox, 'new text')");
  expect(tree()).toContain("textbox '' value='new text', focused");
  expect(log()).toBe('input@a');
  await act('click($button)');
  expect(log()).toBe('input@a change@a');
  await act('clear($textbox)');
  expect(tree()).toContain("textbox '', focused");
});

test('press types at the beginning of a field that it focuses; chords are one press', async () => {
  await open('<input id="a" value="bc">', 'keydown keypress keyup');
  await act("press($textbox, 'A')");
  expect(tree()).toContain("value='Abc'");
  expect(log()).toBe('keydown@a keypress@a keyup@a');
  await act("press($textbox, 'Control+a')");
  await act("press($textbox, 'Backspace')");
  expect(tree()).toContain("textbox '', focused");
});

test('Enter submits the form of a field, and presses a button that has focus', async () => {
  await open(
    `<form onsubmit="event.preventDefault()"><input id="a"><button id="s">go</button></form><button id="b" type="button">b</button>`,
    'click submit',
  );
  await act("press($textbox, 'Enter')");
  expect(log()).toMatch(/^click@s submit/);
  await act("press($button2, 'Enter')");
  expect(log()).toMatch(/click@b$/);
});

test('Tab goes to the next stop and selects its text; past the last the page loses the focus', async () => {
  await open('<input id="a" value="x"><input id="b" value="y">', '', { action_set: 'miniwob_all' });
  await act("keyboard_press('Tab')");
  await act("keyboard_press('Tab')");
  await act("keyboard_type('new')");
  expect(tree()).toContain("textbox '' value='new', focused");
  await act("keyboard_press('Tab')");
  expect(tree()).toMatch(/^RootWebArea 'T'\n/);
});

test('Tab goes on from where the mouse was pressed, wraps from what is no stop itself, and enters a group of radio buttons once', async () => {
  const radios = [1, 2].map(n => `<input type="radio" name="r" id="r${n}">`).join('');
  await open(`<button id="a">a</button>${radios}<button id="b">b</button><h4>end</h4>`, '', {
    action_set: 'miniwob_all',
  });
  await act("keyboard_press('Shift+Tab')");
  expect(last.observation.focusedBid).toBe(bid('button', 1));
  await act("keyboard_press('Shift+Tab')");
  expect(last.observation.focusedBid).toBe(bid('radio', 1));
  await act("keyboard_press('Shift+Tab')");
  expect(last.observation.focusedBid).toBe(bid('button'));
  await act('click($heading)');
  await act("keyboard_press('Shift+Tab')");
  expect(last.observation.focusedBid).toBe(bid('button', 1));
  await act('click($heading)');
  await act("keyboard_press('Tab')");
  expect(last.observation.focusedBid).toBe(bid('button'));
});

test('a press opens the menu of a select, and any key closes it; letters choose, Control+A chooses all of a list', async () => {
  await open(
    '<select><option>one</option><option>two</option><option>three</option></select>' +
      '<select multiple><option>x</option><option>y</option></select>',
    '',
    { action_set: 'miniwob_all' },
  );
  await act('click($combobox)');
  expect(tree()).toContain("combobox '' value='one', focused, hasPopup='menu', expanded=True");
  await act("keyboard_type('th')");
  expect(tree()).toContain("combobox '' value='three', focused, hasPopup='menu', expanded=False");
  await act("keyboard_press('Tab')");
  await act("keyboard_press('Control+a')");
  expect(tree()).toContain("option 'x', selected=True");
  expect(tree()).toContain("option 'y', selected=True");
});

test('a line break typed into a text area parts its text in two; dragging in it selects', async () => {
  await open('<textarea style="width:100px">abcd</textarea>', '', { action_set: 'all' });
  await act("press($textbox, 'End')");
  await act("press($textbox, 'ArrowLeft')");
  await act("press($textbox, 'Enter')");
  expect(tree()).toMatch(/value='abc\\nd', focused\n\t+StaticText 'abc'\n\t+StaticText 'd'/);
  await act("press($textbox, 'Backspace')");
  expect(tree()).toMatch(/value='abcd', focused\n\t+StaticText 'abc'\n\t+StaticText 'd'/);
  const { observation } = await act('mouse_drag_and_drop(6, 60, 90, 60)');
  expect(observation.lastActionError).toBe('');
  await act("keyboard_type('x')");
  expect(tree()).toMatch(/value='x', focused/);
});

test('what is hidden loses the focus', async () => {
  await open('<a href="#" id="a" onclick="this.style.display = \'none\'; return false">x</a>');
  await act('click($link)');
  expect(last.observation.focusedBid).toBe('8');
});

test('select_option chooses by label or value and fires input and change', async () => {
  await open(
    '<select id="s"><option value="1">one</option><option value="2">two</option></select>',
    'input change',
  );
  await act("select_option($combobox, 'two')");
  expect(tree()).toContain("combobox '' value='two'");
  expect(log()).toBe('input@s change@s');
  await act("select_option($combobox, '1')");
  expect(tree()).toContain("combobox '' value='one'");
});

test('the wheel scrolls what is under the pointer, and says so', async () => {
  await open(
    `<div id="s" onscroll="document.getElementById('log').textContent = this.scrollTop" style="height:40px;overflow:auto">
     <button>top</button><div style="height:300px"></div></div>`,
  );
  await act('hover($button)');
  await act('scroll(0, 60)');
  expect(log()).toBe('60');
});

test('drag_and_drop presses on one element and releases on the other; the click goes to what holds both', async () => {
  await open('<button id="a">a</button><button id="b">b</button>', 'mousedown mouseup click');
  await act('drag_and_drop($button, $button2)');
  expect(log()).toBe('mousedown@a mouseup@b click@area');
});

test('mouse_* act at coordinates, keyboard_* on the focus', async () => {
  await open(
    '<button id="b" style="position:absolute;left:50px;top:100px;width:40px;height:20px">b</button>',
    'click keydown',
    {
      action_set: 'miniwob_all',
    },
  );
  await act('mouse_click(60, 110)');
  await act("keyboard_press('Escape')");
  expect(log()).toBe('click@b keydown@b');
});

test.each([
  ["click('999')", 'ValueError: Could not find element with bid "999"'],
  ['click(13)', 'ValueError: expected a string, got 13'],
  ['click()', "TypeError: click() missing 1 required positional argument: 'bid'"],
  ['I would press it.', 'ValueError: Received an empty action.'],
  ["fly('13')", "NameError: Invalid action type 'fly'."],
  ["press($button, 'Foo')", 'Error: Locator.press: Unknown key: "Foo"'],
])('%s is an error that the policy is told of: %s', async (action, message) => {
  await open('<button>b</button>');
  await act(action);
  expect(error()).toBe(message);
  expect(last).toMatchObject({ reward: 0, done: false });
});

test('a covered element times out on virtual time, with the log; force clicks what is on top', async () => {
  const body = `<button id="b">b</button><div id="cover" style="position:absolute;inset:0"></div>`;
  await open(body, 'click');
  await act('click($button)');
  expect(error()).toMatch(
    /^TimeoutError: Locator\.click: Timeout 500ms exceeded\.\nCall log:\n  - waiting for get_by_test_id/,
  );
  expect(error()).toMatch(/<div [^>]*id="cover"[^>]*><\/div> intercepts pointer events/);
  pool!.dispose();
  await open(body, 'click', { retry_with_force: true });
  await act('click($button)');
  expect(error()).toBe('');
  expect(log()).toBe('click@cover');
});

test('what a person points at says whether an action that names it would reach it', async () => {
  const box = (id: string, text: string, rest: string) =>
    `<div id="${id}" style="position:absolute;${rest}">${text}</div>`;
  await open(
    box('large', 'L', 'left:20px;top:60px;width:60px;height:60px') +
      box('small', 's', 'left:40px;top:80px;width:20px;height:20px') +
      `<button style="position:absolute;left:100px;top:60px;padding:0"><b>in</b></button>` +
      box(
        'list',
        '<div style="height:40px">last</div>',
        'left:20px;top:130px;width:60px;height:15px;overflow:auto',
      ),
    'mousedown mouseup',
    { action_set: 'all' },
  );
  const located = async (x: number, y: number) => (await pool!.locate(0, x, y))!;
  const [large, small] = [await located(24, 64), await located(50, 90)];
  expect([large, small].map(each => [each.value, each.covered])).toEqual([
    ['L', true],
    ['s', false],
  ]);
  expect((await located(105, 66)).covered).toBe(false);
  // Its middle is below what is seen of the list: an action scrolls it there.
  expect(await located(24, 132)).toMatchObject({ value: 'last', covered: false });
  await act(`drag_and_drop('${small.bid}', '${large.bid}')`);
  expect(error()).toContain('intercepts pointer events');
  await act('mouse_drag_and_drop(50, 90, 24, 64)');
  expect(error()).toBe('');
  expect(log()).toMatch(/mouseup@large$/);
});

test('what a person points at says whether it is a drawing, where the place counts, or a picture in a control', async () => {
  const style = 'display:block;width:60px;height:30px';
  const shape = '<svg style="STYLE"><rect width="60" height="30"/></svg>'.replace('STYLE', style);
  const at = (top: number, inner: string): string =>
    `<div style="position:absolute;left:20px;top:${top}px">${inner}</div>`;
  await open(
    at(60, shape) +
      at(95, `<canvas style="${style}"></canvas>`) +
      at(130, `<button style="padding:0;border:0">${shape}</button>`) +
      at(165, 'text'),
    'click',
    { action_set: 'all' },
  );
  const drawn = [];
  for (const y of [70, 105, 140, 170]) drawn.push((await pool!.locate(0, 30, y))!.drawn);
  expect(drawn).toEqual([true, true, false, false]);
});

test('fill tells apart what is no field, what is disabled and what takes no such text', async () => {
  await open('<button>b</button><input disabled><input type="number">');
  await act("fill($button, 'x')");
  expect(error()).toMatch(
    /^Error: Locator\.fill: Error: Element is not an <input>, <textarea>, <select> or \[contenteditable\]/,
  );
  await act("fill($textbox, 'x')");
  expect(error()).toMatch(/^TimeoutError: Locator\.fill: Timeout 500ms exceeded\.[^]*element is not enabled/);
  await act("fill($spinbutton, 'x')");
  expect(error()).toMatch(/^Error: Locator\.fill: Error: Cannot type text into input\[type=number\]/);
});

test('the reward is 1 for any positive raw reward; after the end the page goes on answering', async () => {
  await open('<button onclick="end(0.2)">b</button>');
  expect(await act('click($button)')).toMatchObject({ reward: 1, rawReward: 0.2, done: true });
  expect(await act('noop()')).toMatchObject({ reward: 1, rawReward: 0.2, done: true });
});

test('giving up ends the episode without reward', async () => {
  await open('<button onclick="end(1)">b</button>', '', { action_set: 'openenv' });
  expect(await act("report_infeasible('no')")).toMatchObject({ reward: 0, done: true });
});
