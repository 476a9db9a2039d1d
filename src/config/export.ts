/** A configuration as a file: every setting, and in YAML what it means. */
import { Document, isScalar, type ScalarTag, type YAMLMap } from 'yaml';
import type { RunConfig } from '../config.ts';
import { describeField, FIELD_PATHS } from './fields.ts';

export function toJson(config: RunConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** PyYAML, which TRL reads files with, takes `1e-8` for a text: it wants a point in a number with an exponent. */
const POINTED: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: value => typeof value === 'number' && /^-?\d+e/.test(String(value)),
  test: /^[-+]?\d+\.\d+e[-+]?\d+$/,
  resolve: text => Number(text),
  stringify: ({ value }) => String(value).replace('e', '.0e'),
};

/** YAML with the sentence of each setting above it, in which readers of YAML 1.1 find the same values as those of 1.2. */
export function toYaml(config: RunConfig): string {
  const document = new Document(config, { compat: 'yaml-1.1', customTags: tags => [POINTED, ...tags] });
  document.commentBefore =
    ' A run of this trainer: names are TRL’s, PEFT’s and BrowserGym’s where they have one.';
  for (const path of FIELD_PATHS) {
    const keys = path.split('.');
    const map = (keys.length > 1 ? document.get(keys[0]) : document.contents) as YAMLMap;
    const pair = map.items.find(item => isScalar(item.key) && item.key.value === keys.at(-1));
    if (pair && isScalar(pair.key)) pair.key.commentBefore = ` ${describeField(path).sentence}`;
  }
  return document.toString({ lineWidth: 0 });
}
