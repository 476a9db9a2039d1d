/** What people demonstrated: kept by task, written and read as JSON lines. */
import * as v from 'valibot';
import { ACTION_SETS } from '../config.ts';
import type { ActionTrace } from '../protocol.ts';
import { openDatabase } from './database.ts';
import { storing } from './errors.ts';
import { ImportError } from './export/errors.ts';
import type { DemonstrationRow } from './schema.ts';

/** Held-out seeds begin here: what is learnt from must not be what is tested on. */
const HELD_OUT = 2 ** 30;

const Text = v.string();

const DemonstrationSchema = v.object({
  id: v.pipe(Text, v.nonEmpty()),
  task: v.pipe(Text, v.nonEmpty()),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  environment: Text,
  actionSet: v.picklist(ACTION_SETS),
  goal: Text,
  turns: v.pipe(
    v.array(
      v.object({
        axtree: Text,
        focusedBid: Text,
        lastActionError: Text,
        action: v.pipe(Text, v.nonEmpty()),
        reward: v.number(),
      }),
    ),
    v.minLength(1),
  ),
  rawReward: v.number(),
  recordedAt: v.number(),
});

/** Stores demonstrations, in place of those of the same ids. */
export async function putDemonstrations(rows: readonly DemonstrationRow[]): Promise<void> {
  const database = await openDatabase();
  await storing('the demonstrations', async () => {
    const transaction = database.transaction('demonstrations', 'readwrite');
    await Promise.all([...rows.map(row => transaction.store.put(row)), transaction.done]);
  });
}

/** Those of a task in the order in which they were recorded; of all tasks without one. */
export async function demonstrationsOf(task?: string): Promise<DemonstrationRow[]> {
  const database = await openDatabase();
  const rows = await storing('the demonstrations', () =>
    task === undefined
      ? database.getAll('demonstrations')
      : database.getAllFromIndex('demonstrations', 'task', task),
  );
  return rows.sort((a, b) => a.recordedAt - b.recordedAt || (a.id < b.id ? -1 : 1));
}

export async function deleteDemonstrations(ids: readonly string[]): Promise<void> {
  const database = await openDatabase();
  await storing('the deletion of demonstrations', async () => {
    const transaction = database.transaction('demonstrations', 'readwrite');
    await Promise.all([...ids.map(id => transaction.store.delete(id)), transaction.done]);
  });
}

/** What a run needs of a demonstration to do it again. */
export function traceOf({ task, seed, turns }: DemonstrationRow): ActionTrace {
  return { task, seed, actions: turns.map(turn => turn.action) };
}

export function toJsonLines(rows: readonly DemonstrationRow[]): string {
  return rows.map(row => `${JSON.stringify(row)}\n`).join('');
}

/**
 * @param name  of the file, for messages.
 * @throws {ImportError} `import-bad-file` naming the line, and what of it cannot be taken; nothing is stored.
 */
export function fromJsonLines(name: string, text: string): DemonstrationRow[] {
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), place: `${name}, line ${i + 1}` }));
  const rows = lines.filter(({ line }) => line).map(({ line, place }) => readLine(line, place));
  if (rows.length > 0) return rows;
  throw new ImportError('import-bad-file', { message: `${name} holds no demonstration.` });
}

function readLine(line: string, place: string): DemonstrationRow {
  const fail = (why: string, cause?: unknown) =>
    new ImportError('import-bad-file', {
      message: `${place} is no demonstration: ${why}. Nothing of the file was taken in.`,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw fail(`it is not JSON (${(cause as Error).message})`, cause);
  }
  const parsed = v.safeParse(DemonstrationSchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw fail(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  if (parsed.output.seed >= HELD_OUT)
    throw fail(`seed ${parsed.output.seed} is one that policies are tested on (${HELD_OUT} and up)`);
  return parsed.output;
}
