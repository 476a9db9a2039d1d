/** Which Chromium a command drives: the options `--browser PATH` and `--browser-args "…"` of every command that has a page. */
import { availableParallelism } from 'node:os';
import { findChromium, SOFTWARE_GPU_ARGS } from './chromium.ts';

export interface BrowserChoice {
  /** Executable; found or installed when absent. */
  path?: string;
  /** Replaces the flags for a software adapter, e.g. with those that reach a real GPU. */
  args?: string[];
  /** Folder of a profile: without one, what the page stores stays in memory and may be little. */
  profile?: string;
}

/** For `readOptions`. */
export const BROWSER_OPTIONS = { browser: 'value', 'browser-args': 'value' } as const;

export function browserChoice(options: ReadonlyMap<string, string>): BrowserChoice {
  return {
    path: options.get('browser'),
    args: options.get('browser-args')?.split(/\s+/).filter(Boolean),
  };
}

/** For Playwright's `launch`. */
export function launchOptions({ path, args }: BrowserChoice): { executablePath: string; args: string[] } {
  return { executablePath: findChromium(path), args: args ?? SOFTWARE_GPU_ARGS };
}

/** Cores from which frames gain more by playing at once than their processes cost: 0.2 s of one core each to start. */
const ENOUGH_CORES = 8;

const FEATURES = '--enable-features=';

/**
 * Flags with which every task's frame has a process, and so a core, of its own. By default Chromium has one process for all
 * sandboxed frames of a page, and its headless shell none but the page's. Episodes are the same either way.
 *
 * @param args  the browser's flags; those that say already how frames are isolated stay as they are
 */
export function withFrameProcesses(args: readonly string[], cores = availableParallelism()): string[] {
  // Of several lists of features Chromium takes the last alone.
  const features = args.filter(arg => arg.startsWith(FEATURES)).map(arg => arg.slice(FEATURES.length));
  if (cores < ENOUGH_CORES || features.some(list => list.includes('IsolateSandboxedIframes')))
    return [...args];
  return [
    ...args.filter(arg => !arg.startsWith(FEATURES)),
    '--site-per-process',
    FEATURES + [...features, 'IsolateSandboxedIframes:grouping/per-document'].join(','),
  ];
}
