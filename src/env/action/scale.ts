/** BrowserGym's coordinates are pixels of the screenshot that the policy sees; the page's are CSS pixels. */
import type { ActionCall } from '../../frame/protocol.ts';
import { ActionError } from './error.ts';
import { FUNCTIONS } from './functions.ts';

/**
 * The call with its places and distances divided by the screenshot's scale; other calls come back as they are.
 *
 * @param scale  image pixels for one CSS pixel, above 0.
 * @throws {ActionError} TypeError, in Python's words, when a coordinate is not a number.
 * @see BrowserGym 0.14.3, action/utils.py, map_coordinates
 */
export function scaleCoordinates(call: ActionCall, scale: number): ActionCall {
  const pixels = FUNCTIONS.get(call.name)?.pixels ?? [];
  if (pixels.length === 0) return call;
  const args = call.args.map((arg, i) => {
    if (!pixels.includes(i)) return arg;
    // In Python a bool is a number.
    if (typeof arg === 'number' || typeof arg === 'boolean') return Number(arg) / scale;
    const operands = `unsupported operand type(s) for /: '${pythonType(arg)}' and 'float'`;
    throw new ActionError('bad-arguments', 'TypeError', operands);
  });
  return { name: call.name, args };
}

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'string' ? 'str' : 'dict';
}
