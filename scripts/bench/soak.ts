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

/** MiB. */
interface Memory {
  /** Resident, of all processes; what they share counts for each. */
  resident: number;
  /** Of all processes, what each has for itself alone. */
  own: number;
  /** The same of the process that all frames share. */
  frames: number;
}

interface Reading extends Memory {
  played: number;
  /** Resident MiB of each process by its id, and what it is. */
  processes: Map<number, string>;
  /** s of processor time of the frames' process. */
  processor: number;
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
    const reading = { played, ...(await memory(browser)) };
    readings.push(reading);
    const { resident, own, frames: inFrames } = reading;
    console.log(
      `${String(played).padStart(6)} episodes: ${resident} MiB resident, ${own} of the processes' own, ${inFrames} of them the frames'`,
    );
    resting += performance.now() - began;
    await tab.evaluate('window.played = undefined, window.goOn()');
  }
  const settled = readings.slice(Math.ceil(readings.length / 3));
  const growth = growthOf(settled, 'resident');
  const framesGrowth = growthOf(settled, 'frames');
  const processor = (readings.at(-1)!.processor - readings[0]!.processor) / episodes;
  const ms = Number(await playing) - resting;
  console.log(`${(episodes / (ms / 1000)).toFixed(1)} episodes a second`);
  // Services that the browser starts when it thinks fit are not what grew.
  for (const [id, what] of readings.at(-1)!.processes)
    if (!readings[0]!.processes.has(id)) console.log(`started on the way: ${what}`);
  console.log(`${(1000 * processor).toFixed(1)} ms of the frames' process an episode`);
  console.log(
    `growth after the first third: ${growth.toFixed(1)} MiB resident in 1,000 episodes, ${framesGrowth.toFixed(1)} of the frames' own`,
  );
  return {
    ...Object.fromEntries(readings.map(({ played, resident }) => [`mebibytesAfter${played}`, resident])),
    ...Object.fromEntries(readings.map(({ played, frames: own }) => [`framesOwnAfter${played}`, own])),
    growth,
    framesGrowth,
    ms,
  };
}

/** Slope of the straight line through the points, MiB in 1,000 episodes. */
function growthOf(readings: readonly Reading[], what: keyof Memory): number {
  const mean = (of: (reading: Reading) => number) =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  const [x, y] = [mean(reading => reading.played), mean(reading => reading[what])];
  const covariance = mean(({ played, [what]: mebibytes }) => (played - x) * (mebibytes - y));
  return (1000 * covariance) / mean(({ played }) => (played - x) ** 2);
}

/** Of the browser's processes; Linux tells it through /proc. NaN elsewhere. */
async function memory(browser: Browser): Promise<Omit<Reading, 'played'>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  // The work is done where the frames are.
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const busiest = renderers.reduce((most, each) => (each.cpuTime > most.cpuTime ? each : most));
  const processes = new Map<number, string>();
  const sum = { resident: 0, own: 0, frames: 0, processor: busiest.cpuTime, processes };
  try {
    for (const { id, type } of processInfo) {
      const { resident, own } = memoryOf(id);
      processes.set(id, `${type}, ${Math.round(resident)} MiB resident`);
      sum.resident += resident;
      sum.own += own;
      if (id === busiest.id) sum.frames += own;
    }
  } catch {
    return { ...sum, resident: Number.NaN, own: Number.NaN, frames: Number.NaN };
  }
  return {
    ...sum,
    resident: Math.round(sum.resident),
    own: Math.round(sum.own),
    frames: Math.round(sum.frames),
  };
}

function memoryOf(process: number): { resident: number; own: number } {
  const text = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
  const mebibytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { resident: mebibytes('Rss'), own: mebibytes('Private_Clean') + mebibytes('Private_Dirty') };
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
