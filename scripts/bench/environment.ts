/** `npm run bench -- env`: speeds of the environment in the built page, and with --soak whether its memory stays flat. */
import { openBareTab } from '../bare-tab.ts';
import type { BrowserChoice } from '../browser-choice.ts';
import { openPage, type ServedPage } from '../served-page.ts';
import { soak } from './soak.ts';

/** What BrowserGym takes on 2 cores with one browser, for scale: 2.2 s to reset, 0.65 s to step, 1.5 steps a second. */
const BROWSERGYM_MS: Readonly<Record<string, number>> = {
  resetMs: 2200,
  stepAxtreeMs: 650,
  stepAxtreeScreenshotMs: 650,
  stepDrawnMs: 650,
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
  { soak: episodes, frames, tasks }: EnvironmentBenchChoice,
): Promise<Record<string, number>> {
  const served = await openPage(browser);
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    if (episodes !== undefined) return await soak(served, { episodes, frames: frames ?? 16, tasks });
    const result = await measure(served, { frames: frames ?? 8, tasks });
    for (const [name, value] of Object.entries(result))
      console.log(`${name.padEnd(34)} ${value.toFixed(1).padStart(8)}${comparison(name, value)}`);
    return result;
  } finally {
    await served.close();
  }
}

/** In a tab of its own: what the driver looks into is slower, since every picture's address is sent to it. */
async function measure(
  { page, address }: ServedPage,
  choice: { frames: number; tasks?: string[] },
): Promise<Record<string, number>> {
  await page.goto('about:blank');
  const tab = await openBareTab(page.context().browser()!, address);
  while (!(await tab.evaluate('window.browserGrpo !== undefined')))
    await new Promise(resolve => setTimeout(resolve, 200));
  const result = await tab.evaluate(`window.browserGrpo.bench('env', ${JSON.stringify(choice)})`);
  return result as Record<string, number>;
}

function comparison(name: string, value: number): string {
  const ms = BROWSERGYM_MS[name.replace('atOnce_', '')];
  if (ms !== undefined) return `  (BrowserGym ${ms} ms: ${(ms / value).toFixed(0)} times)`;
  const rate = BROWSERGYM_PER_SECOND[name];
  return rate === undefined ? '' : `  (BrowserGym ${rate}: ${(value / rate).toFixed(0)} times)`;
}
