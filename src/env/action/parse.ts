/** From a policy's words to calls that the frame can run, with BrowserGym's errors for everything else. */
import type { ActionCall } from '../../frame/protocol.ts';
import { ActionError } from './error.ts';
import { actionSet, type ActionFunction, type ActionSetName } from './functions.ts';
import { findCalls, parseCalls, type RawCall } from './grammar.ts';
import type { Literal } from './literals.ts';

export interface ParseOptions {
  actionSet: ActionSetName;
  /** Whether one text may hold several calls. */
  multiaction: boolean;
  /** The text must be calls and nothing else. BrowserGym's default, and ours, is to search in prose. */
  strict?: boolean;
}

/**
 * The calls in `text`, arguments put in the order of the signature and defaults filled in.
 *
 * @throws {ActionError} whose `text` is what BrowserGym puts into last_action_error. Where several calls are allowed and a later
 *   one has wrong arguments, `before` holds those that still run.
 * @see BrowserGym 0.14.3, HighLevelActionSet.to_python_code
 */
export function parseActions(text: string, options: ParseOptions): ActionCall[] {
  const calls = options.strict ? parseCalls(text) : findCalls(text);
  if (calls.length === 0) throw new ActionError('empty-action', 'ValueError', 'Received an empty action.');
  if (calls.length > 1 && !options.multiaction) {
    throw new ActionError(
      'multi-action',
      'ValueError',
      'Received a multi-action, only single-actions are allowed.',
    );
  }

  const functions = new Map(actionSet(options.actionSet).map(each => [each.name, each]));
  const known = calls.map(call => {
    const action = functions.get(call.name);
    if (!action) {
      throw new ActionError('unknown-action', 'NameError', `Invalid action type '${call.name}'.`);
    }
    return { call, action };
  });
  for (const { call } of known) refuseRepeatedNames(call);

  const bound: ActionCall[] = [];
  for (const { call, action } of known) {
    const args = bindArguments(call, action);
    if (typeof args === 'string') throw new ActionError('bad-arguments', 'TypeError', args, bound);
    bound.push({ name: call.name, args });
  }
  return bound;
}

/** Python finds a repeated name when it compiles, so nothing of the text runs. */
function refuseRepeatedNames(call: RawCall): void {
  const seen = new Set<string>();
  for (const [name] of call.named) {
    if (seen.has(name)) {
      throw new ActionError('bad-arguments', 'SyntaxError', `keyword argument repeated: ${name}`);
    }
    seen.add(name);
  }
}

/** The arguments in the signature's order, or CPython's words for why they do not fit it (and in its order of checks). */
function bindArguments(call: RawCall, action: ActionFunction): Literal[] | string {
  const { parameters } = action;
  const args = new Map<string, Literal>();
  parameters.slice(0, call.positional.length).forEach((p, i) => args.set(p.name, call.positional[i]!));

  for (const [name, value] of call.named) {
    if (!parameters.some(p => p.name === name)) {
      return `${action.name}() got an unexpected keyword argument '${name}'`;
    }
    if (args.has(name)) return `${action.name}() got multiple values for argument '${name}'`;
    args.set(name, value);
  }
  if (call.positional.length > parameters.length) return tooMany(action, call.positional.length);

  const missing = parameters.filter(p => p.default === undefined && !args.has(p.name));
  if (missing.length > 0) {
    const plural = missing.length > 1 ? 's' : '';
    const names = enumerate(missing.map(p => `'${p.name}'`));
    return `${action.name}() missing ${missing.length} required positional argument${plural}: ${names}`;
  }
  return parameters.map(p => (args.has(p.name) ? args.get(p.name)! : p.default!));
}

function tooMany(action: ActionFunction, given: number): string {
  const most = action.parameters.length;
  const least = action.parameters.filter(p => p.default === undefined).length;
  const takes = least === most ? `${most}` : `from ${least} to ${most}`;
  const were = given === 1 ? 'was' : 'were';
  return `${action.name}() takes ${takes} positional argument${least === most && most === 1 ? '' : 's'} but ${given} ${were} given`;
}

/** `a`, `a and b`, `a, b, and c`. */
function enumerate(names: string[]): string {
  if (names.length < 3) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}
