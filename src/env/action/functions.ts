/** BrowserGym's action functions, the subsets it groups them into, and the action sets that a run can choose by name. */
import type { RunConfig } from '../../config.ts';
import type { Literal } from './literals.ts';

export interface Parameter {
  name: string;
  /** Absent when the argument must be given. */
  default?: Literal;
}

export interface ActionFunction {
  name: string;
  parameters: Parameter[];
  /** For the prompt: what it does, and one call. */
  summary: string;
  example: string;
  /** Parameters that hold screenshot pixels, by position. */
  pixels: number[];
}

export type ActionSetName = RunConfig['action_set'];

/** `x, y, button='left'`: the notation of the table below. */
function fn(name: string, signature: string, summary: string, example: string): [string, ActionFunction] {
  const parameters = signature
    .split(/, */)
    .filter(Boolean)
    .map((written): Parameter => {
      const [parameter, value] = written.split('=');
      return value === undefined
        ? { name: parameter! }
        : { name: parameter!, default: JSON.parse(value) as Literal };
    });
  const pixels = parameters.flatMap((p, i) => (/^(from_|to_|delta_|d)?[xy]$/.test(p.name) ? [i] : []));
  return [name, { name, parameters, summary, example, pixels }];
}

/** Names, order and defaults of parameters as in BrowserGym 0.14.3, action/functions.py. */
export const FUNCTIONS: ReadonlyMap<string, ActionFunction> = new Map([
  fn('noop', 'wait_ms=1000', 'Do nothing for some milliseconds.', 'noop(500)'),
  fn('send_msg_to_user', 'text', 'Send the user a message.', "send_msg_to_user('Done.')"),
  fn('report_infeasible', 'reason', 'Give the task up.', "report_infeasible('There is no such field.')"),
  fn('scroll', 'delta_x, delta_y', 'Turn the wheel, in pixels.', 'scroll(0, 200)'),
  fn(
    'fill',
    'bid, value, enable_autocomplete_menu=false',
    'Put text into a field.',
    "fill('15', 'some text')",
  ),
  fn(
    'select_option',
    'bid, options',
    'Choose from a <select>, by label or value.',
    "select_option('48', 'blue')",
  ),
  fn('click', 'bid, button="left", modifiers=[]', 'Click an element.', "click('51')"),
  fn('dblclick', 'bid, button="left", modifiers=[]', 'Double-click an element.', "dblclick('12')"),
  fn('hover', 'bid', 'Move the mouse over an element.', "hover('8')"),
  fn('press', 'bid, key_comb', 'Focus an element and press keys.', "press('26', 'Control+a')"),
  fn('focus', 'bid', 'Focus an element.', "focus('45')"),
  fn('clear', 'bid', 'Empty a field.', "clear('96')"),
  fn('drag_and_drop', 'from_bid, to_bid', 'Drag one element onto another.', "drag_and_drop('56', '98')"),
  fn('upload_file', 'bid, file', 'Choose a file to upload.', "upload_file('72', 'receipt.pdf')"),
  fn('scroll_at', 'x, y, dx, dy', 'Turn the wheel at a place.', 'scroll_at(50, 100, 0, 60)'),
  fn('mouse_move', 'x, y', 'Move the mouse to a place, in screenshot pixels.', 'mouse_move(65, 158)'),
  fn('mouse_up', 'x, y, button="left"', 'Release a mouse button at a place.', 'mouse_up(50, 120)'),
  fn('mouse_down', 'x, y, button="left"', 'Press and hold a mouse button at a place.', 'mouse_down(40, 80)'),
  fn('mouse_click', 'x, y, button="left"', 'Click at a place.', 'mouse_click(87, 68)'),
  fn('mouse_dblclick', 'x, y, button="left"', 'Double-click at a place.', 'mouse_dblclick(5, 136)'),
  fn('mouse_drag_and_drop', 'from_x, from_y, to_x, to_y', 'Drag.', 'mouse_drag_and_drop(10, 32, 35, 64)'),
  fn('mouse_upload_file', 'x, y, file', 'Choose a file to upload.', "mouse_upload_file(32, 47, 'a.pdf')"),
  fn('keyboard_down', 'key', 'Hold a key down.', "keyboard_down('Shift')"),
  fn('keyboard_up', 'key', 'Release a key.', "keyboard_up('Shift')"),
  fn('keyboard_press', 'key', 'Press a key or a combination.', "keyboard_press('Control+a')"),
  fn('keyboard_type', 'text', 'Type text into the focused element.', "keyboard_type('Hello')"),
  fn('keyboard_insert_text', 'text', 'Insert text with no key events.', "keyboard_insert_text('Hello')"),
  fn('go_back', '', 'Go back in history.', 'go_back()'),
  fn('go_forward', '', 'Go forward in history.', 'go_forward()'),
  fn('goto', 'url', 'Open an address.', "goto('http://example.com')"),
  fn('tab_close', '', 'Close the tab.', 'tab_close()'),
  fn('tab_focus', 'index', 'Switch to a tab.', 'tab_focus(2)'),
  fn('new_tab', '', 'Open a tab.', 'new_tab()'),
]);

const words = (list: string) => list.split(' ');

/** @see BrowserGym 0.14.3, action/highlevel.py, ACTION_SUBSETS (check and uncheck exist there, but no subset has them) */
export const SUBSETS = {
  chat: words('send_msg_to_user'),
  infeas: words('report_infeasible'),
  bid: words('scroll fill select_option click dblclick hover press focus clear drag_and_drop upload_file'),
  coord: words(
    'scroll_at mouse_move mouse_up mouse_down mouse_click mouse_dblclick mouse_drag_and_drop mouse_upload_file ' +
      'keyboard_down keyboard_up keyboard_press keyboard_type keyboard_insert_text',
  ),
  nav: words('go_back go_forward goto'),
  tab: words('tab_close tab_focus new_tab'),
  miniwob_all: words(
    'mouse_move mouse_click mouse_dblclick mouse_down mouse_up scroll click keyboard_press keyboard_type fill',
  ),
  miniwob_shi17: words('mouse_click mouse_dblclick mouse_down mouse_up scroll keyboard_press'),
  miniwob_liu18: words('click fill'),
  miniwob_humphreys22: words(
    'mouse_move mouse_click mouse_dblclick mouse_down mouse_up scroll keyboard_press keyboard_type',
  ),
} as const satisfies Record<string, string[]>;

/** `openenv` is what an OpenEnv BrowserGym server takes: HighLevelActionSet's own default. */
const ACTION_SETS: Readonly<Record<ActionSetName, (keyof typeof SUBSETS)[]>> = {
  bid: ['bid'],
  coord: ['coord'],
  miniwob_all: ['miniwob_all'],
  miniwob_shi17: ['miniwob_shi17'],
  miniwob_liu18: ['miniwob_liu18'],
  miniwob_humphreys22: ['miniwob_humphreys22'],
  openenv: ['chat', 'infeas', 'bid', 'nav', 'tab'],
  all: ['chat', 'infeas', 'bid', 'coord', 'nav', 'tab'],
};

/** The functions of a set, `noop` first, in the order in which BrowserGym describes them. */
export function actionSet(name: ActionSetName): ActionFunction[] {
  const names = ['noop', ...ACTION_SETS[name].flatMap(subset => SUBSETS[subset])];
  return [...new Set(names)].map(each => FUNCTIONS.get(each)!);
}
