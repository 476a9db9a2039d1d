/** What Chromium says of its processes' memory, as it is or once it has collected their garbage. */
import type { Browser } from 'playwright';

/** One process's allocators, by name; numbers are hexadecimal. */
export type Allocators = Record<string, { attrs: Record<string, { value: string } | undefined> }>;

interface DumpEvent {
  args?: { dumps?: { allocators?: Allocators } };
}

/**
 * Lists the allocators of every process.
 * @param collect  garbage first.
 * @throws {Error} when the browser refuses.
 */
export async function memoryDump(browser: Browser, { collect }: { collect: boolean }): Promise<Allocators[]> {
  const session = await browser.newBrowserCDPSession();
  const processes: Allocators[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const { args } of value as DumpEvent[]) {
      if (args?.dumps?.allocators) processes.push(args.dumps.allocators);
    }
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-memory-infra'], excludedCategories: ['*'] },
  });
  const { success } = await session.send('Tracing.requestMemoryDump', {
    deterministic: collect,
    levelOfDetail: 'light',
  });
  const complete = new Promise<void>(resolve => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  if (!success) throw new Error('Chromium did not take the memory dump.');
  return processes;
}

/** A number of all processes together; those that do not have it count as 0. */
export function sumOf(processes: readonly Allocators[], allocator: string, attribute: string): number {
  return processes.reduce((sum, allocators) => {
    const found = allocators[allocator]?.attrs[attribute];
    return sum + (found ? Number.parseInt(found.value, 16) : 0);
  }, 0);
}
