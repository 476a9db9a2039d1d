/** Which modules an adapter targets, and with which rank and alpha: PEFT's rules. */
import { ModelFormatError } from '../errors.ts';
import type { LoraConfig } from './config.ts';

/** A Python regular expression in JavaScript. The syntax that target_modules uses is common to both. */
function pythonRegex(source: string, anchored: (source: string) => string): RegExp {
  try {
    return new RegExp(anchored(source.replaceAll('(?P<', '(?<')));
  } catch (cause) {
    throw new ModelFormatError('adapter-unsupported', {
      message: `The module pattern ${JSON.stringify(source)} is not a regular expression that this browser understands.`,
      cause,
    });
  }
}

/** PEFT's word for every linear layer, which it replaces by their names when it saves. */
const ALL_LINEAR = 'all-linear';

function matches(targets: string | string[], path: string): boolean {
  if (targets === ALL_LINEAR) return true;
  if (typeof targets === 'string') return pythonRegex(targets, source => `^(?:${source})$`).test(path);
  return targets.some(target => path === target || path.endsWith(`.${target}`));
}

/** @see peft.tuners.tuners_utils.check_target_module_exists */
export function isTarget(config: LoraConfig, path: string): boolean {
  if (config.excludeModules?.length && matches(config.excludeModules, path)) return false;
  return matches(config.targetModules, path);
}

/**
 * `target_modules` by which PEFT finds an adapter's own modules and no other: as the configuration has it, where that is so, else
 * all their names. `.*` also matches what PEFT adapts and we do not (norms it even refuses), and a configuration that was read may
 * have left layers out by rules that are not written again.
 * @param own  the adapter's modules, canonical path to the file's
 * @param modules  canonical paths of all modules of the model
 */
export function targetsOf(
  config: LoraConfig,
  own: ReadonlyMap<string, string>,
  modules: Iterable<string>,
): string | string[] {
  const exact =
    config.targetModules !== ALL_LINEAR &&
    [...own.values()].every(path => isTarget(config, path)) &&
    ![...modules].some(path => !own.has(path) && isTarget(config, path));
  return exact ? config.targetModules : [...own.values()];
}

/** The value of the first pattern that matches the end of the path, else `fallback`. @see peft.utils.other.get_pattern_key */
function patternValue(patterns: Record<string, number>, path: string, fallback: number): number {
  for (const [key, value] of Object.entries(patterns))
    if (pythonRegex(key, source => `^(?:.*\\.)?(?:${source})$`).test(path)) return value;
  return fallback;
}

export function rankOf(config: LoraConfig, path: string): number {
  return patternValue(config.rankPattern, path, config.r);
}

/** What the low-rank product is multiplied by: alpha / r, or alpha / √r with rsLoRA. */
export function scalingOf(config: LoraConfig, path: string, rank: number): number {
  const alpha = patternValue(config.alphaPattern, path, config.alpha);
  return alpha / (config.useRslora ? Math.sqrt(rank) : rank);
}
