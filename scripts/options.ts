/** Command-line options of the headless commands: `--name value` pairs, checked against a list. */
import type { RunConfig } from '../src/config.ts';

export class UsageError extends Error {}

/**
 * Reads `--name value` pairs and bare `--flag`s.
 * @param known  option name → whether it takes a value.
 * @throws {UsageError} naming an unknown option or one whose value is missing.
 */
export function readOptions(
  argv: string[],
  known: Record<string, 'value' | 'flag'>,
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i];
    if (!word.startsWith('--')) {
      rest.push(word);
      continue;
    }
    const [name, inline] = splitOnce(word.slice(2), '=');
    const kind = known[name];
    if (!kind)
      throw new UsageError(
        `Unknown option --${name}. Known: ${Object.keys(known)
          .map(k => '--' + k)
          .join(', ')}.`,
      );
    if (kind === 'flag') options.set(name, 'true');
    else {
      const value = inline ?? argv[++i];
      if (value === undefined) throw new UsageError(`Option --${name} needs a value.`);
      options.set(name, value);
    }
  }
  return { options, rest };
}

/** The option as a whole number of at least `least`. @throws {UsageError} */
export function wholeNumber(options: Map<string, string>, name: string, least: number): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

/** The option as a number above 0 and at most 1. @throws {UsageError} */
export function fraction(options: Map<string, string>, name: string): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && value <= 1))
    throw new UsageError(`--${name} must be a number above 0 and at most 1, not "${text}".`);
  return value;
}

/** Settings written as JSON. @param where  names the option or file in the message. @throws {UsageError} */
export function parseJson(text: string, where: string): Partial<RunConfig> {
  try {
    return JSON.parse(text) as Partial<RunConfig>;
  } catch (error) {
    throw new UsageError(`${where} is not JSON: ${(error as Error).message}`);
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
