/** `npm run bench -- env`: speeds of the environment in the built page, and with --soak whether its memory stays flat. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { openPage, type BrowserChoice } from '../served-page.ts';

/** What BrowserGym takes on 2 cores with one browser, for scale: 2.2 s to reset, 0.65 s to step, 1.5 steps a second. */
const BROWSERGYM_MS: Readonly<Record<string, number>> = {
  resetMs: 2200,
  stepAxtreeMs: 650,
  stepAxtreeScreenshotMs: 650,
};
const BROWSERGYM_PER_SECOND: Readonly<Record<string, number>> = {
  stepsPerSecond: 1.5,
  stepsAxtreePerSecond: 1.5,
};

export interface EnvironmentBenchChoice {
  frames?: number;
  tasks?: string[];
  /** Episodes to play instead, all frames at once, while the memory of the browser's processes is read. */
  soak?: number;
}

/** Prints what it measures and returns it. */
export async function benchEnvironment(
  browser: BrowserChoice,
  { soak, frames, tasks }: EnvironmentBenchChoice,
): Promise<Record<string, number>> {
  const served = await openPage(browser);
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    if (soak !== undefined) {
      const memory: Record<string, number> = {};
      await served.page.exposeFunction('reportPlayed', async (played: number) => {
        memory[`mebibytesAfter${played}`] = await residentMebibytes(served.page.context().browser()!);
        console.log(`${String(played).padStart(6)} episodes: ${memory[`mebibytesAfter${played}`]} MiB`);
      });
      const ms = await served.page.evaluate(chosen => window.browserGrpo!.soak(chosen), {
        frames: frames ?? 16,
        tasks,
        episodes: soak,
      });
      console.log(`${(soak / (ms / 1000)).toFixed(1)} episodes a second`);
      return { ...memory, ms };
    }
    const result = await served.page.evaluate(chosen => window.browserGrpo!.bench('env', chosen), {
      frames: frames ?? 8,
      tasks,
    });
    for (const [name, value] of Object.entries(result))
      console.log(`${name.padEnd(34)} ${value.toFixed(1).padStart(8)}${comparison(name, value)}`);
    return result;
  } finally {
    await served.close();
  }
}

function comparison(name: string, value: number): string {
  const ms = BROWSERGYM_MS[name];
  if (ms !== undefined) return `  (BrowserGym ${ms} ms: ${(ms / value).toFixed(0)} times)`;
  const rate = BROWSERGYM_PER_SECOND[name];
  return rate === undefined ? '' : `  (BrowserGym ${rate}: ${(value / rate).toFixed(0)} times)`;
}

/** Resident memory of all the browser's processes; Linux tells it through /proc. NaN elsewhere. */
async function residentMebibytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  try {
    const kibibytes = processInfo.map(({ id }) =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0),
    );
    return Math.round(kibibytes.reduce((sum, each) => sum + each, 0) / 1024);
  } catch {
    return Number.NaN;
  }
}
