/** Which Chromium a command drives: the options `--browser PATH` and `--browser-args "…"` of every command that has a page. */
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
