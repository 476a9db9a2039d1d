/** An action set as a pattern: every reply that matches is a call that the page can be asked to do. */
import type { RunConfig } from '../../config.ts';
import { actionSet, type Parameter } from '../../env/action/index.ts';
import type { Observation } from '../../protocol.ts';
import { byte, choice, optional, repeat, sequence, text, words, type Pattern } from './pattern.ts';

const digits = (least: number, most: number): Pattern => repeat(byte([0x30, 0x39]), least, most);
/** Python has no number that begins with a 0 but 0. */
const whole = (most: number): Pattern => choice(text('0'), sequence(byte([0x31, 0x39]), digits(0, most - 1)));
const NUMBER = sequence(optional(text('-')), whole(4), optional(sequence(text('.'), digits(1, 2))));

/** Any text in single or in double quotes on one line. */
const STRING = choice(...['"', "'"].map(quoted));

const MODIFIERS = words(...['Alt', 'Control', 'ControlOrMeta', 'Meta', 'Shift'].map(key => `"${key}"`));

/** Values of parameters that are neither bids nor any text. */
const VALUES: Readonly<Record<string, Pattern>> = {
  wait_ms: whole(5),
  index: whole(3),
  button: words('"left"', '"middle"', '"right"'),
  modifiers: list(MODIFIERS),
  options: choice(STRING, list(STRING)),
  enable_autocomplete_menu: words('True', 'False'),
};

/**
 * One call of the set, on an element that is there; with `multiaction` one or more, each on its line. Calls on elements are left
 * out where none is named.
 */
export function actionPattern(
  set: RunConfig['action_set'],
  bids: readonly string[],
  multiaction: boolean,
): Pattern {
  const bid =
    bids.length > 0 ? choice(...["'", '"'].map(q => words(...bids.map(each => q + each + q)))) : null;
  const calls = actionSet(set).flatMap(({ name, parameters }) => {
    const values = parameters.map(parameter => valueOf(parameter.name, bid));
    if (values.includes(null)) return [];
    const args = parameters.map((parameter, i) => ({ ...parameter, value: values[i]! }));
    return [sequence(text(`${name}(`), argumentsOf(args, true), text(')'))];
  });
  const call = choice(...calls);
  return multiaction ? sequence(call, repeat(sequence(text('\n'), call), 0, Infinity)) : call;
}

/** The elements that an observation names, by its accessibility tree or its HTML. */
export function bidsOf({ axtree, html }: Pick<Observation, 'axtree' | 'html'>): string[] {
  const named = [
    ...axtree.matchAll(/^[\t ]*\[([^\]\s'"\\]+)\] /gm),
    ...html.matchAll(/ bid="([^"\s'\\]+)"/g),
  ];
  return [...new Set(named.map(match => match[1]))];
}

function valueOf(parameter: string, bid: Pattern | null): Pattern | null {
  if (/(^|_)bid$/.test(parameter)) return bid;
  if (/^(from_|to_|delta_|d)?[xy]$/.test(parameter)) return NUMBER;
  return VALUES[parameter] ?? STRING;
}

interface Argument extends Parameter {
  value: Pattern;
}

/** What must be given in its order, and what may be: in order as long as none is left out, then by name. */
function argumentsOf(args: readonly Argument[], first: boolean): Pattern {
  if (args.length === 0) return text('');
  const [{ value, default: spared }, ...rest] = args;
  const given = sequence(text(first ? '' : ', '), value, argumentsOf(rest, false));
  return spared === undefined ? given : choice(given, named(args, first));
}

/** Any of `args`, in order, each by its name. */
function named(args: readonly Argument[], first: boolean): Pattern {
  if (args.length === 0) return text('');
  const [{ name, value }, ...rest] = args;
  const here = sequence(text(`${first ? '' : ', '}${name}=`), value, named(rest, false));
  return choice(here, named(rest, first));
}

function list(of: Pattern): Pattern {
  return sequence(
    text('['),
    optional(sequence(of, repeat(sequence(text(', '), of), 0, Infinity))),
    text(']'),
  );
}

function quoted(quote: string): Pattern {
  const end = quote.charCodeAt(0);
  const backslash = 0x5c;
  const plain = byte([0x20, end - 1], [end + 1, backslash - 1], [backslash + 1, 0x7e], [0x80, 0xff]);
  const escaped = sequence(text('\\'), words('\\', "'", '"', 'n', 't'));
  return sequence(text(quote), repeat(choice(plain, escaped), 0, Infinity), text(quote));
}
