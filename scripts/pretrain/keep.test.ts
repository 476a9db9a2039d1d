/** What is kept of a recipe that ended before its time, and what its command does then. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptParts, type PlayOptions } from './keep.ts';
import { planOf, type PlannedPart } from './plan.ts';
import { NANO } from './recipes/nano.ts';

const SIZE = { seed: 1, scale: 0.08, tasks: ['click-test', 'click-button'], pages: 2 };
const PLAN = planOf(NANO, SIZE);
const FOLDERS = PLAN.flatMap(({ jobs }) => jobs.map(({ folder }) => folder));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keep-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Plays, and writes down what was played. @param failing  the job that fails, after it has written something */
async function play(plan: readonly PlannedPart[], failing = '', options: Partial<PlayOptions> = {}) {
  const played: string[] = [];
  const said: string[] = [];
  const end = await new KeptParts(root)
    .play(plan, {
      async play(job, into) {
        expect(existsSync(join(into, 'made'))).toBe(false);
        writeFileSync(join(into, 'made'), job.folder);
        await new Promise(resolve => setTimeout(resolve, 5));
        if (job.folder === failing) throw new Error(`${failing} failed`);
        played.push(job.folder);
        return { from: job.folder };
      },
      atOnce: () => 1,
      say: line => said.push(line),
      ...options,
    })
    .catch((error: unknown) => error as Error);
  return { played, said, end };
}

test('jobs are played in their order, each is kept with its notes, and none is played again', async () => {
  expect((await play(PLAN)).played).toEqual(FOLDERS);
  const kept = new KeptParts(root);
  for (const folder of FOLDERS) {
    expect(readFileSync(join(kept.folder(folder), 'made'), 'utf8')).toBe(folder);
    expect(kept.done(folder)!.notes).toEqual({ from: folder });
  }
  const again = await play(PLAN);
  expect(again.played).toEqual([]);
  expect(again.said).toHaveLength(PLAN.length);
});

test('after a failure the same command begins with what failed, in an empty folder', async () => {
  const at = FOLDERS.indexOf('more/9204');
  const first = await play(PLAN, 'more/9204');
  expect(first.end?.message).toBe('more/9204 failed');
  expect(first.played).toEqual(FOLDERS.slice(0, at));
  const second = await play(PLAN);
  expect(second.played).toEqual(FOLDERS.slice(at));
  expect(second.said).toContain('p: kept from before');
  expect(second.said.find(line => line.startsWith('more:'))).toBe('more: 2 of 4 kept from before');
});

test('several run at once as far as is allowed, and those beside one that fails are kept', async () => {
  let running = 0;
  let most = 0;
  const counting: PlayOptions['play'] = async job => {
    most = Math.max(most, ++running);
    await new Promise(resolve => setTimeout(resolve, job.folder === 'first/1001' ? 5 : 20));
    running--;
    if (job.folder === 'first/1001') throw new Error('failed');
    return {};
  };
  const { end } = await play(PLAN, '', {
    play: counting,
    atOnce: ({ kind }) => (kind === 'collect' ? 2 : 1),
  });
  expect(end?.message).toBe('failed');
  expect(most).toBe(2);
  const kept = new KeptParts(root);
  expect(kept.done('first/1001')).toBe(null);
  expect(kept.done('first/1002')).not.toBe(null);
  expect(kept.done('first/1003')).toBe(null);
});

test('time is added up over the commands that worked on a part', async () => {
  await play(PLAN, 'first/1002');
  const before = new KeptParts(root).seconds().first;
  expect(before).toBeGreaterThan(0);
  await play(PLAN);
  const after = new KeptParts(root).seconds();
  expect(after.first).toBeGreaterThan(before);
  expect(Object.keys(after)).toEqual(PLAN.map(({ part }) => part.name));
});

test('a folder of another seed, or made from another, is refused before anything is played', async () => {
  await play(PLAN, 'p');
  const other = await play(planOf(NANO, { ...SIZE, seed: 2 }));
  expect(other.end?.message).toMatch(/start was made with another seed, .* Give another --out/);
  expect(other.played).toEqual([]);
  // Where the part itself is to be the same, what it was made from decides.
  rmSync(join(root, 'parts', 'start'), { recursive: true });
  const [start, ...rest] = PLAN;
  const changed = start.jobs.map(job => ({ ...job, vocabulary: 400 }));
  const { end, played } = await play([{ ...start, jobs: changed }, ...rest]);
  expect(end?.message).toContain('first/1001 was made with another');
  expect(played).toEqual([]);
});
