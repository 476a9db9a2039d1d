/** A configuration in the page's hash: `#v=1&seed=42&tasks=click-button,click-color`. Data only, checked value by value. */
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { BUILT_IN } from '../config/environment-name.ts';
import { diffFromDefaults, fromDiff } from '../config/diff.ts';
import type { FieldProblem } from '../config/errors.ts';
import { describeField, readField, withField } from '../config/fields.ts';
import { contradictions, isFieldPath } from '../config/validate.ts';
import { fromLinkText, toLinkText, usedOf, type OwnTask } from './own-tasks.ts';
import { TASKS } from './tasks.ts';

/** Before the text of a setting that takes a regular expression or a list. */
const PATTERN = 're:';

export interface Link {
  config: RunConfig;
  /** What of the link was not taken, a sentence each. */
  problems: FieldProblem[];
  /** `embed` hides the settings. */
  embedded: boolean;
  /** The user's own tasks that the link carries. */
  ownTasks: OwnTask[];
}

/** The hash, with its `#`: the version, the seed, what differs from the defaults, and those of `own` that the run plays. */
export function toHash(config: RunConfig, own: readonly OwnTask[] = []): string {
  const { version, ...settings } = diffFromDefaults(config);
  const parts = Object.entries(settings).map(([path, value]) => `${path}=${write(path, value)}`);
  const used = usedOf(own, config);
  if (used.length > 0) parts.push(`own=${toLinkText(used)}`);
  return `#v=${String(version)}&${parts.join('&')}`;
}

/**
 * Reads a hash. An empty one is the defaults; whatever cannot be taken is named and left at its default.
 *
 * @param saved  the user's own tasks that the link may name without carrying them.
 */
export function fromHash(hash: string, saved: readonly OwnTask[] = []): Link {
  const pairs = hash.replace(/^#/, '').split('&').filter(Boolean);
  // A Map: a key such as `__proto__` is one like any other.
  const diff = new Map<string, unknown>([['version', DEFAULT_CONFIG.version]]);
  let embedded = false;
  let ownTasks: OwnTask[] = [];
  const unread: FieldProblem[] = [];
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const [key, text] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    if (key === 'v') diff.set('version', read('integer', text));
    else if (key === 'view') embedded = text === 'embed';
    else if (key === 'own') {
      const read = fromLinkText(text);
      ownTasks = read ?? [];
      if (!read) unread.push({ field: 'tasks', message: 'The tasks that the link carries cannot be read.' });
    } else {
      const path = decode(key);
      diff.set(path, isFieldPath(path) ? readSetting(path, text) : decode(text));
    }
  }
  const { config, problems } = fromDiff(Object.fromEntries(diff));
  const known = knownTasks(config, [...ownTasks, ...saved]);
  const sound = settle(known.config);
  return {
    config: sound.config,
    problems: [...problems, ...unread, ...known.problems, ...sound.problems],
    embedded,
    ownTasks,
  };
}

function readSetting(path: Parameters<typeof describeField>[0], text: string): unknown {
  const { type, nullable } = describeField(path);
  if (text === '' && nullable) return null;
  if (text.startsWith(PATTERN) && type === 'texts') return decode(text.slice(PATTERN.length));
  return read(type, text);
}

function read(type: ReturnType<typeof describeField>['type'], text: string): unknown {
  // What is not written as its type says stays text, and the check of the setting names it.
  const number = (part: string) =>
    part.trim() !== '' && Number.isFinite(Number(part)) ? Number(part) : decode(part);
  switch (type) {
    case 'integer':
    case 'number':
      return number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : decode(text);
    case 'numbers':
      return text.split(',').map(number);
    case 'texts':
    case 'choices':
      return text.split(',').map(decode);
    case 'choice':
    case 'text':
      return decode(text);
  }
}

function write(path: string, value: unknown): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(item => encodeURIComponent(String(item))).join(',');
  const text = encodeURIComponent(String(value));
  // Only a setting that also takes a list has a text that needs telling apart.
  const listed = isFieldPath(path) && describeField(path).type === 'texts';
  return listed && typeof value === 'string' && /[\\^$*+?()[\]{}|]/.test(value) ? PATTERN + text : text;
}

/** A stray `%` is text like any other. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function knownTasks(
  config: RunConfig,
  own: readonly OwnTask[],
): { config: RunConfig; problems: FieldProblem[] } {
  // What pages from outside there are is known later: to the storage, or to a server.
  if (config.environment !== BUILT_IN) return { config, problems: [] };
  const unknown = config.tasks.filter(task => ![...TASKS, ...own].some(each => each.name === task));
  if (unknown.length === 0) return { config, problems: [] };
  const tasks = config.tasks.filter(task => !unknown.includes(task));
  const left = tasks.length > 0 ? tasks : DEFAULT_CONFIG.tasks;
  const message = `There ${unknown.length > 1 ? 'are no tasks' : 'is no task'} named ${unknown.join(', ')}; ${left.join(', ')} ${left.length > 1 ? 'are' : 'is'} taken.`;
  return { config: { ...config, tasks: left }, problems: [{ field: 'tasks', message }] };
}

/** Takes back settings that contradict one another, the named ones first, all when that does not help. */
function settle(config: RunConfig): { config: RunConfig; problems: FieldProblem[] } {
  const problems = contradictions(config);
  if (problems.length === 0) return { config, problems };
  let settled = config;
  for (const { field } of problems) {
    if (isFieldPath(field)) settled = withField(settled, field, readField(DEFAULT_CONFIG, field));
  }
  if (contradictions(settled).length > 0) settled = { ...structuredClone(DEFAULT_CONFIG), seed: config.seed };
  return {
    config: settled,
    problems: problems.map(problem => ({ ...problem, message: `${problem.message} The default is taken.` })),
  };
}
