import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { boundaryViolations } from './boundaries.ts';

/** A source tree with the given files, as a path relative to the working directory. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return relative(process.cwd(), root);
}

test('arithmetic that reaches for the GPU is refused', () => {
  const cwd = process.cwd();
  const root = tree({ 'src/grpo/loss.ts': `import { start } from '../gpu/start.ts';` });
  process.chdir(root);
  try {
    expect(boundaryViolations('src')).toEqual(['src/grpo/loss.ts: grpo may not import gpu/start.ts']);
  } finally {
    process.chdir(cwd);
  }
});

test('the rooms as they stand keep to the table', () => {
  expect(boundaryViolations('src')).toEqual([]);
});
