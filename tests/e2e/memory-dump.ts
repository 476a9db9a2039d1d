/** What Chromium says of its processes' memory once it has collected their garbage. */
import type { Browser } from 'playwright';

/** One process's allocators, by name; sizes are hexadecimal. */
export type Allocators = Record<string, { attrs: Record<string, { value: string } | undefined> }>;

interface DumpEvent {
  args?: { dumps?: { allocators?: Allocators } };
}

/** Collects garbage in every process, then lists their allocators. @throws {Error} when the browser refuses. */
export async function collectedMemory(browser: Browser): Promise<Allocators[]> {
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
    deterministic: true,
    levelOfDetail: 'light',
  });
  const complete = new Promise<void>(resolve => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  if (!success) throw new Error('Chromium did not take the memory dump.');
  return processes;
}
