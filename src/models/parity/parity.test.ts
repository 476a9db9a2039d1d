import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../gpu/start.ts';
import { fixtureFiles } from '../fixture-files.ts';
import { compareFolder } from './run.ts';
import { violations } from './report.ts';

describe.each(['wasm', 'webgpu'] as const)('on %s', backend => {
  beforeAll(() => startBackend(backend).then(() => undefined));

  test.each(['lfm2', 'lfm2_vl', 'lfm2_vl_tiled', 'lfm2_vl_several', 'qwen3_vl'])(
    '%s agrees with transformers, PEFT and TRL',
    async folder => {
      const rows = await compareFolder(await fixtureFiles(folder));
      expect(rows.flatMap(violations)).toEqual([]);
      const compared = new Set(
        rows.flatMap(({ errors, equal }) => [...Object.keys(errors), ...Object.keys(equal)]),
      );
      const text = ['ids', 'greedy', 'logits', 'logps', 'loss', 'gradients'];
      const expected = folder === 'lfm2' ? text : [...text, 'pixels', 'features'];
      expect([...compared].sort()).toEqual(expected.sort());
    },
  );
});
