/** Which tab works on which run, by Web Locks: a run has one tab at a time, and one that is alive elsewhere was not interrupted. */
import { CodedError } from '../errors.ts';

const PREFIX = 'browser-grpo:run:';

/** Runs of this tab. */
const own = new Set<string>();

export class RunError extends CodedError {
  override readonly name = 'RunError';

  constructor(
    /** A tab is working on the run now. */
    override readonly code: 'run-elsewhere',
    options: { message: string },
  ) {
    super(code, options);
  }
}

/**
 * Does `work` while no other tab may work on the run.
 * @throws {RunError} run-elsewhere while one does; nothing is done then
 */
export async function withRun<T>(run: { id: string; name: string }, work: () => Promise<T>): Promise<T> {
  // Not on pages that came without TLS.
  if (!navigator.locks) return work();
  return navigator.locks.request(PREFIX + run.id, { ifAvailable: true }, async lock => {
    if (!lock)
      throw new RunError('run-elsewhere', {
        message: `Run “${run.name}” is under way already, in another tab of this browser. Go on there, or stop it there first.`,
      });
    own.add(run.id);
    try {
      return await work();
    } finally {
      own.delete(run.id);
    }
  }) as Promise<T>;
}

/** Ids of the runs that other tabs are working on now. */
export async function runsElsewhere(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const ids = held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
  return new Set(ids.filter(id => !own.has(id)));
}
