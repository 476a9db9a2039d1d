/** The configuration as a flat list of dotted paths: what share links, run differences and setting forms are made of. */
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';

/** A leaf of the configuration. */
export type ConfigValue = string | number | boolean | null | string[] | number[];

export interface Difference {
  path: string;
  before: ConfigValue;
  after: ConfigValue;
}

/** Dotted paths of every setting, in the order of the configuration; `version` is not a setting. */
export const CONFIG_PATHS: readonly string[] = leaves(DEFAULT_CONFIG as unknown as Record<string, unknown>)
  .map(([path]) => path)
  .filter(path => path !== 'version');

export function valueAt(config: RunConfig, path: string): ConfigValue {
  let value: unknown = config;
  for (const key of path.split('.')) value = (value as Record<string, unknown>)[key];
  return value as ConfigValue;
}

/** A configuration equal to `config` but for one setting. */
export function withValue(config: RunConfig, path: string, value: ConfigValue): RunConfig {
  const keys = path.split('.');
  const copy = structuredClone(config);
  let target = copy as unknown as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) target = target[key] as Record<string, unknown>;
  target[keys[keys.length - 1]] = value;
  return copy;
}

/** Settings in which two configurations differ. */
export function differences(before: RunConfig, after: RunConfig): Difference[] {
  return CONFIG_PATHS.map(path => ({
    path,
    before: valueAt(before, path),
    after: valueAt(after, path),
  })).filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

function leaves(record: Record<string, unknown>, prefix = ''): [string, unknown][] {
  return Object.entries(record).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[prefix + key, value] as [string, unknown]],
  );
}
