/** A configuration as a file: every setting, and in YAML what it means. */
import { Document, isScalar, type YAMLMap } from 'yaml';
import type { RunConfig } from '../config.ts';
import { describeField, FIELD_PATHS } from './fields.ts';

export function toJson(config: RunConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** YAML with the sentence of each setting above it. */
export function toYaml(config: RunConfig): string {
  const document = new Document(config);
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
