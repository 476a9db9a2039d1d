/** tfjs calls that corrupt, hang or leave a run irreproducible: src/gpu/banned.ts says which and why; this finds them. */
import { BANNED } from '../../src/gpu/banned.ts';
import { sourceFiles } from './files.ts';

/** One line for each banned call in the product's code; tests may make them to show what happens. */
export function bannedCalls(root: string): string[] {
  const problems: string[] = [];
  for (const { path, text } of sourceFiles(root)) {
    if (path.endsWith('.test.ts') || path.endsWith('gpu/banned.ts')) continue;
    text.split('\n').forEach((line, index) => {
      for (const { name, pattern, reason } of BANNED)
        if (pattern.test(line)) problems.push(`${path}:${index + 1}: ${name} ${reason}`);
    });
  }
  return problems;
}
