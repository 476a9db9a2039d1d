/** Kinds of setting: which values one takes, as a schema for machines and as words for people. */
import * as v from 'valibot';
import { isEnvironment } from './environment-name.ts';

export type SettingType =
  'integer' | 'number' | 'boolean' | 'choice' | 'text' | 'texts' | 'choices' | 'numbers';

export interface Kind {
  /** What a form draws, besides a way to say null where `nullable`. */
  readonly type: SettingType;
  readonly schema: v.GenericSchema;
  /** Completes "must be …". */
  readonly allowed: string;
  readonly min?: number;
  readonly max?: number;
  readonly options?: readonly string[];
  readonly nullable?: boolean;
}

export function integer(min: number, max: number): Kind {
  const schema = v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
  return { type: 'integer', schema, allowed: `a whole number from ${min} to ${max}`, min, max };
}

/** A number between two bounds, which are both allowed unless `above` says that the lower one is not. */
export function number(min: number, max: number, above = false): Kind {
  const least = above ? v.gtValue<number, number>(min) : v.minValue<number, number>(min);
  const schema = v.pipe(v.number(), v.finite(), least, v.maxValue(max));
  const range = above ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
  return { type: 'number', schema, allowed: min === max ? String(min) : `a number ${range}`, min, max };
}

export const flag: Kind = { type: 'boolean', schema: v.boolean(), allowed: 'true or false' };

export function choice(options: readonly string[]): Kind {
  return { type: 'choice', schema: v.picklist(options), allowed: `one of ${options.join(', ')}`, options };
}

export const text: Kind = {
  type: 'text',
  schema: v.pipe(v.string(), v.trim(), v.nonEmpty()),
  allowed: 'a text that is not empty',
};

/** A list of distinct texts, at least one. */
export const texts: Kind = {
  type: 'texts',
  schema: distinct(v.pipe(v.string(), v.nonEmpty())),
  allowed: 'a list of at least one name, none of them twice',
};

/** A list of distinct texts, which may be empty. */
export const anyTexts: Kind = {
  type: 'texts',
  schema: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty())),
    v.check(items => new Set(items).size === items.length),
  ),
  allowed: 'a list of names, none of them twice',
};

export function choices(options: readonly string[]): Kind {
  return {
    type: 'choices',
    schema: distinct(v.picklist(options)),
    allowed: `a list of at least one of ${options.join(', ')}, none of them twice`,
    options,
  };
}

export const numbers: Kind = {
  type: 'numbers',
  schema: v.array(v.pipe(v.number(), v.finite())),
  allowed: 'a list of numbers',
};

/** A regular expression, or a list of names. */
export const pattern: Kind = {
  type: 'texts',
  schema: v.union([v.pipe(v.string(), v.check(isPattern)), texts.schema]),
  allowed: 'a regular expression or a list of names',
};

export const environment: Kind = {
  type: 'text',
  schema: v.pipe(v.string(), v.check(isEnvironment)),
  allowed: 'built-in, pages:<id> of a folder of MiniWoB++ pages, or openenv:<address> of an OpenEnv server',
};

export function nullable(kind: Kind): Kind {
  return { ...kind, nullable: true, schema: v.nullable(kind.schema), allowed: `${kind.allowed}, or null` };
}

function distinct(item: v.GenericSchema<unknown, string>): v.GenericSchema {
  return v.pipe(
    v.array(item),
    v.minLength(1),
    v.check(items => new Set(items).size === items.length),
  );
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return source.length > 0;
  } catch {
    return false;
  }
}
