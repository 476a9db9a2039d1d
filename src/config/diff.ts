/** A configuration as what differs from the defaults: small enough for a link, and readable. */
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import type { FieldProblem } from './errors.ts';
import { FIELD_PATHS, readField, withField } from './fields.ts';
import { checkField, isFieldPath } from './validate.ts';

/** Path of a setting → its value. `version` and `seed` always stand in it. */
export type ConfigDiff = Record<string, unknown>;

/** What sets `config` apart from the defaults; the seed is there in any case, because a link means that very run. */
export function diffFromDefaults(config: RunConfig): ConfigDiff {
  const diff: ConfigDiff = { version: config.version };
  for (const path of FIELD_PATHS) {
    const value = readField(config, path);
    if (path === 'seed' || !same(value, readField(DEFAULT_CONFIG, path))) diff[path] = value;
  }
  return diff;
}

/**
 * The configuration that a diff describes. Settings that do not exist or are out of range are ignored and named, so
 * that an old or mistyped link still opens; one of another version says nothing at all.
 * Fields that contradict one another are not looked for: `validateConfig` does that before a run starts.
 */
export function fromDiff(diff: ConfigDiff): { config: RunConfig; problems: FieldProblem[] } {
  let config = structuredClone(DEFAULT_CONFIG);
  if (diff.version !== DEFAULT_CONFIG.version) {
    const message = `This link is of version ${String(diff.version)}, but the page reads version ${DEFAULT_CONFIG.version}. Its settings are ignored.`;
    return { config, problems: [{ field: 'version', message }] };
  }
  const problems: FieldProblem[] = [];
  for (const [path, value] of Object.entries(diff)) {
    if (path === 'version') continue;
    if (!isFieldPath(path)) {
      problems.push({ field: path, message: `${path} is not a setting and is ignored.` });
      continue;
    }
    const problem = checkField(path, value);
    if (problem) problems.push({ ...problem, message: `${problem.message} The default is taken.` });
    else config = withField(config, path, structuredClone(value));
  }
  return { config, problems };
}

/** Paths of the settings in which two configurations differ. */
export function changedFields(before: RunConfig, after: RunConfig): (typeof FIELD_PATHS)[number][] {
  return FIELD_PATHS.filter(path => !same(readField(before, path), readField(after, path)));
}

/** Values of settings are numbers, texts, flags, null and flat lists. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
