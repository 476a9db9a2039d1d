/**
 * Plays the jobs of a plan and keeps what each has made, so that an ended command goes on where it stopped: a finished job is a
 * folder with `done.json` in it, an unfinished one has another name and is begun anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../options.ts';
import { inputsOf, type Job, type PlannedPart } from './plan.ts';

/** What a job says of itself besides its files. */
export type Notes = Record<string, unknown>;

export interface Done {
  /** Of the job, and of all that it was made from. */
  digest: string;
  seconds: number;
  notes: Notes;
}

export interface PlayOptions {
  /** Does a job, all that it makes in the folder `into`. */
  play(job: Job, into: string): Promise<Notes>;
  /** Jobs that run side by side. */
  atOnce(job: Job): number;
  say(line: string): void;
}

export class KeptParts {
  constructor(readonly root: string) {}

  /** Where what a job has made is. */
  folder(job: string): string {
    return join(this.root, 'parts', job);
  }

  /** null where the job is not finished. */
  done(job: string): Done | null {
    const file = join(this.folder(job), 'done.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Done) : null;
  }

  /** Seconds that each part took, over all commands that worked on it. */
  seconds(): Record<string, number> {
    const file = join(this.root, 'seconds.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {};
  }

  /**
   * Plays what is not there yet, part by part.
   *
   * @throws {UsageError} before anything is played, where a folder holds what another plan has made
   * @throws whatever a job throws, once those that ran beside it have ended and are kept
   */
  async play(plan: readonly PlannedPart[], options: PlayOptions): Promise<void> {
    const digests = digestsOf(plan);
    this.#assertOfThisPlan(digests);
    for (const { part, jobs } of plan) {
      const open = jobs.filter(({ folder }) => !this.done(folder));
      const kept = jobs.length - open.length;
      const count = jobs.length > 1 ? ` ${kept} of ${jobs.length}` : '';
      if (kept > 0) options.say(`${part.name}:${count} kept from before`);
      if (open.length === 0) continue;
      options.say(`${part.name}: ${part.what}`);
      let since = Date.now();
      let finished = kept;
      await inPool(open, options.atOnce(open[0]), async job => {
        await this.#play(job, digests.get(job.folder)!, options);
        const now = Date.now();
        this.#addSeconds(part.name, (now - since) / 1000);
        since = now;
        finished++;
        if (jobs.length > 1) options.say(`${part.name}: ${finished} of ${jobs.length}`);
      });
      options.say(`${part.name}: ready after ${(this.seconds()[part.name] ?? 0).toFixed(0)} s`);
    }
  }

  async #play(job: Job, digest: string, { play }: PlayOptions): Promise<void> {
    const into = `${this.folder(job.folder)}.unfinished`;
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into, { recursive: true });
    const started = Date.now();
    const notes = await play(job, into);
    const done: Done = { digest, seconds: (Date.now() - started) / 1000, notes };
    writeFileSync(join(into, 'done.json'), `${JSON.stringify(done, null, 2)}\n`);
    rmSync(this.folder(job.folder), { recursive: true, force: true });
    renameSync(into, this.folder(job.folder));
  }

  #addSeconds(part: string, seconds: number): void {
    const all = this.seconds();
    const file = join(this.root, 'seconds.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ ...all, [part]: (all[part] ?? 0) + seconds }, null, 2)}\n`);
  }

  #assertOfThisPlan(digests: ReadonlyMap<string, string>): void {
    for (const [folder, digest] of digests) {
      const done = this.done(folder);
      if (done && done.digest !== digest)
        throw new UsageError(
          `${this.folder(folder)} was made with another seed, scale, choice of tasks or pages, or by another recipe. ` +
            'Give another --out, or remove that folder and those that were made from it.',
        );
    }
  }
}

/** Folder of each job → a digest of its settings and of all that it is made from. */
function digestsOf(plan: readonly PlannedPart[]): Map<string, string> {
  const digests = new Map<string, string>();
  for (const job of plan.flatMap(({ jobs }) => jobs)) {
    const inputs = inputsOf(job).map(folder => digests.get(folder));
    const text = JSON.stringify([job, inputs]);
    digests.set(job.folder, createHash('sha256').update(text).digest('hex').slice(0, 16));
  }
  return digests;
}

/** After a failure none is begun any more; those under way end first. */
async function inPool<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      try {
        await act(items[next++]);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, runner));
  if (failures.length > 0) throw failures[0];
}
