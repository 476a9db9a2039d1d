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

function matches(targets: string | string[], path: string): boolean {
  if (targets === 'all-linear') return true;
  if (typeof targets === 'string') return pythonRegex(targets, source => `^(?:${source})$`).test(path);
  return targets.some(target => path === target || path.endsWith(`.${target}`));
}

/** @see peft.tuners.tuners_utils.check_target_module_exists */
export function isTarget(config: LoraConfig, path: string): boolean {
  if (config.excludeModules?.length && matches(config.excludeModules, path)) return false;
  return matches(config.targetModules, path);
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
