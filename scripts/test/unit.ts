/**
 * Vitest's run of a configuration. Files that did not pass, or that a lost connection kept from running, get a second run by
 * themselves, which counts: a browser, a port and a loaded machine fail now and then where the code does not. The log says
 * so each time, so that a file that needs it often is seen.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Outcome } from '../../tests/testers/outcome.ts';
import { start } from './process.ts';

const REPORTERS = ['--reporter=default', '--reporter=./tests/testers/outcome.ts'];

export interface UnitRun {
  passed: boolean;
  /** Test files that needed the second run. */
  again: string[];
  /** What it printed, where that was kept back. */
  printed: string;
}

/**
 * @param options  Vitest's, of all its calls
 * @param out  `pipe` keeps back what is printed
 */
export async function unitTests(options: string[], out: 'inherit' | 'pipe'): Promise<UnitRun> {
  const first = await run(options, [], out);
  if (first.passed) return first;
  const again = await unsettled(options, first.outcome);
  if (again.length === 0) return first;
  const names = again.map(file => relative(process.cwd(), file));
  const notice = `Did not pass, run once more: ${names.join(', ')}`;
  if (out === 'inherit') console.log(notice);
  const second = await run(options, names, out);
  return { passed: second.passed, again: names, printed: [first.printed, notice, second.printed].join('\n') };
}

async function run(
  options: string[],
  files: string[],
  out: 'inherit' | 'pipe',
): Promise<UnitRun & { outcome: Outcome | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'unit-tests-'));
  const file = join(folder, 'outcome.json');
  try {
    const child = start('vitest', ['run', ...options, ...REPORTERS, ...files], out, { OUTCOME_FILE: file });
    const status = await child.ended;
    const outcome = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Outcome) : null;
    return { passed: status === 0, again: [], printed: child.output(), outcome };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Files to run again; none where that would settle nothing: the run said nothing, or all passed and an error is no file's. */
async function unsettled(options: string[], outcome: Outcome | null): Promise<string[]> {
  if (!outcome) return [];
  const list = start('vitest', ['list', ...options, '--filesOnly', '--json'], 'pipe');
  if ((await list.ended) !== 0) return [];
  const printed = list.output();
  const files = JSON.parse(printed.slice(printed.indexOf('['))) as { file: string }[];
  const passed = new Set(outcome.passed);
  return files.map(({ file }) => file).filter(file => !passed.has(file) || outcome.errorsIn.includes(file));
}
