/** Which runs a tab is working on, told to other tabs by Web Locks: a run that is alive elsewhere was not interrupted. */

const PREFIX = 'browser-grpo:run:';

/** Marks a run as under way in this tab until the returned function is called or the tab closes. */
export function lockRun(runId: string): () => void {
  if (!navigator.locks) return () => {};
  let release!: () => void;
  const held = new Promise<void>(resolve => (release = resolve));
  void navigator.locks.request(PREFIX + runId, () => held);
  return release;
}

/** Ids of the runs that some tab is working on now. */
export async function lockedRuns(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(
    held.flatMap(lock => (lock.name?.startsWith(PREFIX) ? [lock.name.slice(PREFIX.length)] : [])),
  );
}
