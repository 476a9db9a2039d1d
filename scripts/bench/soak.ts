/** `npm run bench -- env --soak EPISODES`: whether the memory of the browser's processes stays flat while episodes are played. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { openBareTab } from '../bare-tab.ts';
import type { ServedPage } from '../served-page.ts';

export interface SoakChoice {
  episodes: number;
  frames: number;
  tasks?: string[];
}

interface Reading {
  played: number;
  /** Resident, of all processes. */
  mebibytes: number;
  /** Of the largest, which is the one that all frames share. */
  largest: number;
}

/** Prints memory ten times on the way and its growth at the end. @returns what it printed, by name. */
export async function soak(
  served: ServedPage,
  { episodes, frames, tasks }: SoakChoice,
): Promise<Record<string, number>> {
  const browser = served.page.context().browser()!;
  // What the driver looks into stays out of it.
  await served.page.goto('about:blank');
  const tab = await openBareTab(browser, served.address);
  while (!(await tab.evaluate('window.browserGrpo !== undefined'))) await sleep(200);
  // Ten times on the way the page waits here.
  await tab.evaluate(
    'void (window.reportPlayed = played => new Promise(goOn => Object.assign(window, { played, goOn })))',
  );
  let over = false;
  const playing = tab
    .evaluate(`window.browserGrpo.soak(${JSON.stringify({ frames, tasks, episodes })})`)
    .finally(() => (over = true));
  const readings: Reading[] = [];
  console.log(`${frames} frames, with screenshots`);
  let resting = 0;
  while (!over) {
    const played = await tab.evaluate('window.played');
    if (typeof played !== 'number') {
      await sleep(200);
      continue;
    }
    const began = performance.now();
    const reading = { played, ...(await residentMebibytes(browser)) };
    readings.push(reading);
    console.log(
      `${String(played).padStart(6)} episodes: ${reading.mebibytes} MiB, of them ${reading.largest} in the frames' process`,
    );
    resting += performance.now() - began;
    await tab.evaluate('window.played = undefined, window.goOn()');
  }
  const growth = growthOf(readings.slice(Math.ceil(readings.length / 3)));
  const ms = Number(await playing) - resting;
  console.log(`${(episodes / (ms / 1000)).toFixed(1)} episodes a second`);
  console.log(`growth after the first third: ${growth.toFixed(1)} MiB in 1,000 episodes`);
  return {
    ...Object.fromEntries(readings.map(({ played, mebibytes }) => [`mebibytesAfter${played}`, mebibytes])),
    growth,
    ms,
  };
}

/** Slope of the straight line through the points, MiB in 1,000 episodes. */
function growthOf(readings: readonly Reading[]): number {
  const mean = (of: (reading: Reading) => number) =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  const [x, y] = [mean(reading => reading.played), mean(reading => reading.mebibytes)];
  const covariance = mean(({ played, mebibytes }) => (played - x) * (mebibytes - y));
  return (1000 * covariance) / mean(({ played }) => (played - x) ** 2);
}

/** Resident memory of the browser's processes; Linux tells it through /proc. NaN elsewhere. */
async function residentMebibytes(browser: Browser): Promise<{ mebibytes: number; largest: number }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  try {
    const each = processInfo.map(
      ({ id }) =>
        Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    );
    return {
      mebibytes: Math.round(each.reduce((sum, one) => sum + one, 0)),
      largest: Math.round(Math.max(...each)),
    };
  } catch {
    return { mebibytes: Number.NaN, largest: Number.NaN };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
