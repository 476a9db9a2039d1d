import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../gpu/start.ts';
import { fixtureFiles } from '../fixture-files.ts';
import { compareFolder } from './run.ts';
import { violations } from './report.ts';

describe.each(['wasm', 'webgpu'] as const)('on %s', backend => {
  beforeAll(() => startBackend(backend).then(() => undefined));

  test.each(['lfm2', 'lfm2_vl'])('%s agrees with transformers, PEFT and TRL', async family => {
    const rows = await compareFolder(await fixtureFiles(family));
    console.log(
      rows
        .map(row => `${row.backend} ${row.name} ${JSON.stringify(row.errors)} ${JSON.stringify(row.equal)}`)
        .join('\n'),
    );
    expect(rows.flatMap(violations)).toEqual([]);
    expect(rows.at(-1)!.errors.gradients).toBeDefined();
  });
});
